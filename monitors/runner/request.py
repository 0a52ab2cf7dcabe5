"""From a request's definition to the bytes that go out: variables, URL, headers, body, authorization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitors.runner.bodies import Body, Files, build_body
from monitors.runner.headers import header_value, headers_from_json, headers_to_json, with_disabled
from monitors.runner.http import Auth, Behaviour, Headers, OutgoingRequest, RequestFailed, TlsBehaviour
from monitors.runner.model import Definition
from monitors.runner.shapes import as_dict, as_list
from monitors.runner.url import Url
from monitors.runner.variables import UNDEFINED, Resolver, Variable

FORMS = {"urlencoded", "formdata"}
NOT_USED = {
    "proxy": "The proxy that this request names is not used: requests go the way that the operator has set.",
    "certificate": "The certificate that this request names is not used: add one for its host.",
}


@dataclass
class PreparedRequest:
    outgoing: OutgoingRequest
    auth: Auth | None
    behavior: Behaviour
    definition: Definition
    """The request with its variables filled in, in Postman's JSON: what test scripts see."""
    warnings: list[str] = field(default_factory=list)

    def definition_as_sent(self, sent: OutgoingRequest) -> Definition:
        """`pm.request` of the test scripts: the headers that really went out, the URL as it was encoded."""
        url = Url.parse(sent.url).to_json()
        headers = sent.headers
        # A form's Content-Type is added so late that Newman's scripts do not see it.
        if self.outgoing.content_type and as_dict(self.definition.get("body")).get("mode") in FORMS:
            headers = [field for field in headers if field[0].lower() != "content-type"]
        seen = {"url": url, "header": with_disabled(headers, self.definition.get("header"))}
        if sent.added_to_form:
            body = as_dict(self.definition.get("body"))
            added = [field | {"system": True} for field in headers_to_json(sent.added_to_form)]
            seen["body"] = body | {"urlencoded": as_list(body.get("urlencoded")) + added}
        return self.definition | seen


def prepare(
    definition: Definition,
    inherited_auth: Definition | None,
    behavior: Mapping[str, Any],
    options: RequestDefaults,
    resolver: Resolver | None = None,
    item_identity: int = 0,
) -> PreparedRequest:
    """Build what is to be sent. Without a resolver nothing is filled in: so it is for `pm.sendRequest`.

    What a server's challenge gave is kept for the definition of an authorization: the folder's that is
    inherited, or that of the item, whose `id()` is given; for none where it is 0.

    Raises RequestFailed when there is no URL.
    """
    own_auth = definition.get("auth")
    auth = (
        own_auth
        if isinstance(own_auth, Mapping) and isinstance(own_auth.get("type"), str)
        else inherited_auth
    )
    source = id(inherited_auth) if auth is inherited_auth else item_identity
    url = Url.from_json(definition.get("url"))
    if resolver is not None:
        url = Url.parse(resolver.text(str(url)))
        auth = resolver.value(auth)
        definition = resolver.value({name: part for name, part in definition.items() if name != "url"})
    if not str(url):
        raise RequestFailed("", "runtime:extensions~request: request url is empty", "The request has no URL.")
    merged = options.behavior(behavior)
    # Scripts and reports are shown an empty method, as Newman shows it; what goes out is a GET.
    shown_method = str(definition.get("method", "GET")).upper()
    method = shown_method or "GET"
    headers = headers_from_json(definition.get("header"))
    body = build_body(
        definition.get("body"), method, headers, options.files, prune=not merged.disable_body_pruning
    )
    outgoing = OutgoingRequest(
        method, url.encode(merged.disable_url_encoding), headers, body.content, signed_body=body.signed
    )
    if "content-type" not in merged.disabled_system_headers:
        content_type = _missing_content_type(headers, body)
        if content_type and body.content_type_is_signed:
            headers.append(("Content-Type", content_type))
        else:
            outgoing.content_type = content_type
            outgoing.replaces_content_type = body.force_content_type
    resolved = {**definition, "method": shown_method, "url": url.to_json()}
    warnings = body.warnings + [words for part, words in NOT_USED.items() if _is_set(definition.get(part))]
    return PreparedRequest(outgoing, _auth(auth, source), merged, resolved, warnings)


def _is_set(part: Any) -> bool:
    return isinstance(part, Mapping) and bool(part) and not part.get("disabled")


@dataclass(frozen=True)
class RequestDefaults:
    """What applies to a request that says nothing else."""

    follow_redirects: bool = True
    strict_ssl: bool = True
    files: Files = Files()

    def behavior(self, profile: Mapping[str, Any]) -> Behaviour:
        """`protocolProfileBehavior` with the defaults in place."""

        def flag(name: str, default: bool = False) -> bool:
            return bool(profile.get(name, default))

        disabled = profile.get("disabledSystemHeaders")
        most = profile.get("maxRedirects")
        return Behaviour(
            follow_redirects=flag("followRedirects", self.follow_redirects),
            follow_original_http_method=flag("followOriginalHttpMethod"),
            follow_authorization_header=flag("followAuthorizationHeader"),
            remove_referer_header_on_redirect=flag("removeRefererHeaderOnRedirect"),
            max_redirects=most if isinstance(most, int) else 10,
            strict_ssl=flag("strictSSL", self.strict_ssl),
            disable_cookies=flag("disableCookies"),
            disable_url_encoding=flag("disableUrlEncoding"),
            disable_body_pruning=flag("disableBodyPruning"),
            insecure_http_parser=flag("insecureHTTPParser"),
            disabled_system_headers=frozenset(
                name.lower()
                for name, off in (disabled if isinstance(disabled, Mapping) else {}).items()
                if off
            ),
            tls=TlsBehaviour(
                frozenset(_texts(profile.get("tlsDisabledProtocols"))),
                tuple(_texts(profile.get("tlsCipherSelection"))),
                flag("tlsPreferServerCiphers"),
            ),
        )


def _texts(value: Any) -> list[str]:
    return [entry for entry in as_list(value) if isinstance(entry, str)]


def _missing_content_type(headers: Headers, body: Body) -> str | None:
    """The body's Content-Type where it must be added; a form's replaces one of another kind."""
    is_missing = body.force_content_type or header_value(headers, "content-type") is None
    return body.content_type if is_missing else None


def _auth(definition: Mapping[str, Any] | None, source: int) -> Auth | None:
    """Parameters come as an object (schema 2.0) or as a list of key and value (2.1)."""
    if definition is None or definition["type"] == "noauth":
        return None
    given = definition.get(definition["type"])
    if isinstance(given, Mapping):
        return Auth(definition["type"], dict(given), source)
    entries = given if isinstance(given, list) else []
    variables = [Variable.from_json(entry) for entry in entries if isinstance(entry, dict) and "key" in entry]
    parameters = {entry.key: entry.value for entry in variables if entry.value is not UNDEFINED}
    return Auth(definition["type"], parameters, source)
