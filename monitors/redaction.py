"""Redacts collections for viewers: masks the secrets that people leave in them.

Masked are the values of variables and authorizations, and every value whose name looks like a credential's:
headers, parameters, form fields, members of JSON, and pairs in any other text of a request. So is text in the
format of a token. References to variables, such as `{{token}}`, stay. Saved example responses are left out.
Scripts, names and descriptions are not redacted.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from monitors.runner.shapes import JsonObject, objects_in
from workspaces.json_values import parse_json

MASK = "•••••"

CREDENTIAL = re.compile(
    "assertion|auth|bearer|cookie|credential|jwt|key|passphrase|passw|private|pwd|secret|session|sign|token"
    "|(?<![a-z])(?:otp|pass|pin)(?![a-z])",
    re.IGNORECASE,
)
"""Names of credentials, searched for in the first MAX_NAME characters of a name."""
MAX_NAME = 100

REFERENCE = re.compile(r"\{\{[^{}]{1,255}\}\}")
SCHEMES = {"", "apikey", "basic", "bearer", "digest", "token"}

SHOWN_AUTH_PARAMETERS = {
    "addTokenTo",
    "algorithm",
    "client_authentication",
    "grant_type",
    "headerPrefix",
    "in",
    "signatureMethod",
    "tokenType",
    "version",
}
"""Parameters of an authorization that are no secrets: they say how to authorize."""

NOT_SENT = {"description", "event", "response"}
"""Members of an item that are not part of a request."""

PLAIN_MEMBERS = {"description", "disabled", "enabled", "id", "key", "method", "mode", "name", "src", "type"}
"""The members of an entry, such as a header or a parameter, that do not hold its value."""

NAMED = re.compile(
    r"(?<![\w.-])([\w.-]{1,100})[\"'\]]?[^\S\n]{0,20}(=|:(?!//|\d{1,5}(?:[/?#]|$)))[^\S\n]{0,20}"
)
"""The name and separator before a value: `token=…`, `"token": "…"` and `Token: …`. A colon before a port is
no separator."""
VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?|\{\{[^{}]{1,255}\}\}(?![^\s,&])|[^\s&;<>\"']++", re.DOTALL
)
LINE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?|\{\{[^{}]{1,255}\}\}(?![^\s,&])|[^\n]++", re.DOTALL
)
"""A value after a colon, up to the end of the line: the value of a header may contain spaces."""
ELEMENT = re.compile(r"<(?:[\w.-]{1,100}:)?([\w.-]{1,100})(?:\s[^<>]{0,1000})?>(?P<value>[^<]++)")
USER_INFO = re.compile(r"(?:\A|//)[^/\s:@?#]{0,255}:(?P<value>[^/\s@?#]{1,500}+)(?=@)")
SCHEME = re.compile(r"\b(?:basic|bearer)[^\S\n]{1,20}(?P<value>[\w.~+/=-]{8,}+)", re.IGNORECASE)
JSON_WEB_TOKEN = re.compile(r"\b(?P<value>eyJ[\w-]{10,}+\.[\w.-]++)")


MIN_MASKED = 8
"""Characters of a secret that reports mask: shorter ones occur as words in reports."""
MAX_MASKED = 100
"""Secrets of one collection: every text of a report is searched for each of them."""
MAX_URL = 2000
SURE_CREDENTIAL = re.compile(
    r"assertion|access.?key|api.?key|auth.?key|authorization|bearer|cookie|credential|jwt|pass(?:phrase|w)"
    r"|private|pwd|secret|token|(?<![a-z])pass(?![a-z])",
    re.IGNORECASE,
)
NO_CREDENTIAL = re.compile(
    r"(?:algorithm|expir\w{0,20}|format|id|method|name|prefix|type|ur[il])\Z", re.IGNORECASE
)
"""Ends of names that describe a credential but do not hold one."""


def redacted(collection: dict[str, Any]) -> dict[str, Any]:
    """A copy for viewers of a collection of schema 2.0 or 2.1, or of an object in one, as parsed JSON."""
    return {
        name: REDACT_BY_MEMBER[name](part) if name in REDACT_BY_MEMBER else _redacted_part(part)
        for name, part in collection.items()
    }


def _redacted_part(part: object) -> object:
    if isinstance(part, list):
        return [_redacted_part(inner) for inner in part]
    return redacted(part) if isinstance(part, dict) else part


def secrets_for_reports(collection: object) -> set[str]:
    """The values under names of credentials, which the reports of a collection's runs mask.

    These are fewer than `redacted` masks: reports need URLs and ids, which variables hold too.
    """
    found: set[str] = set()
    for value in _credential_values(collection):
        secret = value.strip()
        scheme, space, rest = secret.partition(" ")
        if space and scheme.lower() in SCHEMES:
            secret = rest.strip()
        if len(secret) >= MIN_MASKED and "{{" not in secret and "://" not in secret:
            found.add(secret)
        if len(found) == MAX_MASKED:
            break
    return found


def _credential_values(collection: object) -> Iterator[str]:
    waiting = [collection]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(value for name, value in part.items() if name not in NOT_SENT)
            yield from (value for name, value in _named_credentials(part) if isinstance(value, str))
        elif isinstance(part, list):
            waiting.extend(part)


def _named_credentials(part: JsonObject) -> Iterator[tuple[str, object]]:
    """Names and values of credentials: among the members of `part`, in it as an entry, and in its URL."""
    named: list[tuple[str, object]] = [
        (str(name), value) for name, value in part.items() if name not in PLAIN_MEMBERS
    ]
    named.append(("secret" if part.get("type") == "secret" else _name_of(part), part.get("value")))
    named.extend(_api_key(part.get("apikey")))
    for url in (part.get("url"), part.get("raw"), part.get("request")):
        if isinstance(url, str) and len(url) <= MAX_URL:
            named.extend(pair.partition("=")[::2] for pair in re.split("[?&#;]", url))
    yield from ((name, value) for name, value in named if is_sure_credential(name))


def _api_key(parameters: object) -> Iterator[tuple[str, object]]:
    if isinstance(parameters, dict):
        yield "api key", parameters.get("value")
    for entry in objects_in(parameters):
        if entry.get("key") == "value":
            yield "api key", entry.get("value")


def is_sure_credential(name: str) -> bool:
    """Whether a name is that of a credential, and not of something that describes one."""
    name = name[:MAX_NAME]
    return SURE_CREDENTIAL.search(name) is not None and NO_CREDENTIAL.search(name) is None


def _masked(value: object) -> object:
    """Masks every part, except null, booleans, names of schemes and references to variables."""
    if isinstance(value, list):
        return [_masked(part) for part in value]
    if isinstance(value, dict):
        return {name: _masked(part) for name, part in value.items()}
    if value is None or isinstance(value, bool) or value == "":
        return value
    if isinstance(value, str) and REFERENCE.sub("", value).strip().lower() in SCHEMES:
        return value
    return MASK


def _auth(auth: object) -> object:
    """The parameters of each type are in a member of their own, as a list or, in schema 2.0, an object."""
    if not isinstance(auth, dict):
        return _masked(auth)
    return {kind: part if kind == "type" else _parameters(part) for kind, part in auth.items()}


def _parameters(parameters: object) -> object:
    if isinstance(parameters, dict):
        return {
            name: value if name in SHOWN_AUTH_PARAMETERS else _masked(value)
            for name, value in parameters.items()
        }
    return _entries(parameters, SHOWN_AUTH_PARAMETERS)


def _variables(variables: object) -> object:
    return _entries(variables, set())


def _entries(entries: object, shown: set[str]) -> object:
    if not isinstance(entries, list):
        return _masked(entries)
    return [_entry(entry, shown) if isinstance(entry, dict) else _masked(entry) for entry in entries]


def _entry(entry: JsonObject, shown: set[str]) -> JsonObject:
    return entry if _name_of(entry) in shown else _masked_entry(entry)


def _masked_entry(entry: JsonObject) -> JsonObject:
    return {name: part if name in PLAIN_MEMBERS else _masked(part) for name, part in entry.items()}


def _name_of(entry: JsonObject) -> str:
    return str(entry.get("key") or entry.get("id") or entry.get("name") or "")


def _is_credential(name: str) -> bool:
    return CREDENTIAL.search(name[:MAX_NAME]) is not None


def _request_part(part: object) -> object:
    """Redacts a part of a request of any shape, or the JSON that it sends, by the names in it."""
    if isinstance(part, str):
        return _text(part)
    if isinstance(part, list):
        return [_request_part(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    if "value" in part and _is_credential(_name_of(part)):
        return _masked_entry(part)
    return {name: _member(name, inner) for name, inner in part.items()}


def _member(name: str, part: object) -> object:
    if name in REDACT_BY_REQUEST_MEMBER:
        return REDACT_BY_REQUEST_MEMBER[name](part)
    if name in PLAIN_MEMBERS:
        return _request_part(part) if isinstance(part, list | dict) else part
    return _masked(part) if _is_credential(name) else _request_part(part)


def _text(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = parse_json(text)
        except ValueError:
            pass  # For example a template of JSON.
        else:
            return json.dumps(_request_part(value), ensure_ascii=False, indent=2 if "\n" in text else None)
    text = _without_named_values(USER_INFO.sub(_mask_match, text))
    text = ELEMENT.sub(lambda found: _mask_match(found) if _is_credential(found[1]) else found[0], text)
    return JSON_WEB_TOKEN.sub(_mask_match, SCHEME.sub(_mask_match, text))


def _without_named_values(text: str) -> str:
    pieces, end = [], 0
    while name := NAMED.search(text, end):
        pieces.append(text[end : name.end()])
        end = name.end()
        value = (VALUE if name[2] == "=" else LINE).match(text, end) if _is_credential(name[1]) else None
        if value:
            pieces.append(_masked_text(value[0]))
            end = value.end()
    return "".join([*pieces, text[end:]])


def _mask_match(found: re.Match[str]) -> str:
    return found[0].removesuffix(found["value"]) + _masked_text(found["value"])


def _masked_text(value: str) -> str:
    """Masks a value, but not the quotes around it."""
    quote = value[0] if value[0] in "\"'" else ""
    end = quote if len(value) > 1 and value.endswith(quote) else ""
    return f"{quote}{_masked(value[len(quote) : len(value) - len(end)])}{end}"


def _no_responses(responses: object) -> list[object]:
    return []


REDACT_BY_REQUEST_MEMBER: dict[str, Callable[[object], object]] = {"auth": _auth, "variable": _variables}
REDACT_BY_MEMBER: dict[str, Callable[[object], object]] = {
    **REDACT_BY_REQUEST_MEMBER,
    **dict.fromkeys(("body", "header", "request", "url"), _request_part),
    "response": _no_responses,
}
