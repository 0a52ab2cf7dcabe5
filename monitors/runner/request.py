"""Prepares a request for sending: replaces its variables and builds its URL, headers, body and
authorization."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitors.runner.bodies import Body, Files, build_body
from monitors.runner.header_json import headers_from_json, headers_to_json, with_disabled
from monitors.runner.http import Auth, Behavior, Headers, OutgoingRequest, RequestFailed, TlsBehavior
from monitors.runner.shapes import JsonObject, as_dict, as_list, objects_in
from monitors.runner.url import Url
from monitors.runner.variables import UNDEFINED, Resolver, Variable

FORMS = {"urlencoded", "formdata"}
IGNORED = {
    "proxy": "The proxy that this request names is not used: requests go the way that the operator has set.",
    "certificate": "The certificate that this request names is not used: add one for its host.",
}


@dataclass
class PreparedRequest:
    """A request that is ready to be sent."""

    outgoing: OutgoingRequest
    auth: Auth | None
    behavior: Behavior
    definition: JsonObject
    """The request in Postman's JSON with its variables replaced, as test scripts see it."""
    shown_method: str
    """The method for scripts and reports. Like Newman, they show an empty method although a GET is sent."""
    warnings: list[str] = field(default_factory=list)

    def definition_as_sent(self, sent: OutgoingRequest) -> JsonObject:
        """`pm.request` of test scripts: the definition with the URL and the headers that were really sent."""
        url = Url.parse(sent.url).to_json()
        headers = Headers(sent.headers)
        # Newman adds the Content-Type of a form too late for scripts to see it.
        if self.outgoing.content_type and as_dict(self.definition.get("body")).get("mode") in FORMS:
            headers.discard("Content-Type")
        seen: JsonObject = {"url": url, "header": with_disabled(headers, self.definition.get("header"))}
        if sent.added_to_form:
            body = as_dict(self.definition.get("body"))
            added = [field | {"system": True} for field in headers_to_json(sent.added_to_form)]
            seen["body"] = body | {"urlencoded": as_list(body.get("urlencoded")) + added}
        return self.definition | seen


def prepare(
    definition: JsonObject,
    inherited_auth: JsonObject | None,
    behavior: JsonObject,
    options: RequestDefaults,
    resolver: Resolver | None = None,
    item_identity: int = 0,
) -> PreparedRequest:
    """Build the request that is to be sent from its definition in Postman's JSON.

    Without a resolver, variables are not replaced: `pm.sendRequest` does not replace them. `behavior` is the
    request's `protocolProfileBehavior`. The answer to a server's challenge is kept and used again for
    requests with the same authorization: the inherited one, or that of the item whose `id()` is
    `item_identity`; 0 keeps nothing.

    Raises RequestFailed when the request has no URL.
    """
    own_auth = as_dict(definition.get("auth"))
    auth = own_auth if isinstance(own_auth.get("type"), str) else inherited_auth
    source = id(inherited_auth) if auth is inherited_auth else item_identity
    url = Url.from_json(definition.get("url"))
    if resolver is not None:
        url = Url.parse(resolver.text(str(url)))
        auth = auth and resolver.members(auth)
        definition = resolver.members({name: part for name, part in definition.items() if name != "url"})
    if not str(url):
        raise RequestFailed("", "runtime:extensions~request: request url is empty", "The request has no URL.")
    merged = options.behavior(behavior)
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
            headers.add("Content-Type", content_type)
        else:
            outgoing.content_type = content_type
            outgoing.replaces_content_type = body.force_content_type
    resolved = {**definition, "method": shown_method, "url": url.to_json()}
    warnings = [sentence for part, sentence in IGNORED.items() if _is_set(definition.get(part))]
    return PreparedRequest(
        outgoing, _auth(auth, source), merged, resolved, shown_method, body.warnings + warnings
    )


def _is_set(part: object) -> bool:
    return isinstance(part, dict) and bool(part) and not part.get("disabled")


@dataclass(frozen=True)
class RequestDefaults:
    """The settings of a request that does not set them itself."""

    follow_redirects: bool = True
    strict_ssl: bool = True
    files: Files = Files()

    def behavior(self, profile: JsonObject) -> Behavior:
        """A `protocolProfileBehavior` completed by the defaults."""

        def flag(name: str, default: bool = False) -> bool:
            return bool(profile.get(name, default))

        disabled = as_dict(profile.get("disabledSystemHeaders"))
        max_redirects = profile.get("maxRedirects")
        return Behavior(
            follow_redirects=flag("followRedirects", self.follow_redirects),
            follow_original_http_method=flag("followOriginalHttpMethod"),
            follow_authorization_header=flag("followAuthorizationHeader"),
            remove_referer_header_on_redirect=flag("removeRefererHeaderOnRedirect"),
            max_redirects=max_redirects if isinstance(max_redirects, int) else 10,
            strict_ssl=flag("strictSSL", self.strict_ssl),
            disable_cookies=flag("disableCookies"),
            disable_url_encoding=flag("disableUrlEncoding"),
            disable_body_pruning=flag("disableBodyPruning"),
            insecure_http_parser=flag("insecureHTTPParser"),
            disabled_system_headers=frozenset(name.lower() for name, off in disabled.items() if off),
            tls=TlsBehavior(
                frozenset(_texts(profile.get("tlsDisabledProtocols"))),
                tuple(_texts(profile.get("tlsCipherSelection"))),
                flag("tlsPreferServerCiphers"),
            ),
        )


def _texts(value: object) -> list[str]:
    return [entry for entry in as_list(value) if isinstance(entry, str)]


def _missing_content_type(headers: Headers, body: Body) -> str | None:
    """The body's Content-Type if it must be added. A form's replaces a Content-Type of another kind."""
    is_missing = body.force_content_type or headers.get("Content-Type") is None
    return body.content_type if is_missing else None


def _auth(definition: JsonObject | None, source: int) -> Auth | None:
    """Reads the parameters from an object (schema 2.0) or from a list of key and value (2.1)."""
    kind = str(definition["type"]) if definition else "noauth"
    if definition is None or kind == "noauth":
        return None
    given = definition.get(kind)
    if isinstance(given, dict):
        return Auth(kind, dict(given), source)
    variables = [Variable.from_json(entry) for entry in objects_in(given) if "key" in entry]
    parameters = {entry.key: entry.value for entry in variables if entry.value is not UNDEFINED}
    return Auth(kind, parameters, source)
