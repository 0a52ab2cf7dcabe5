"""A collection as viewers may read it: without the secrets that people leave in it.

Hidden are the values of variables and of authorizations, and elsewhere the values of what is named like a
credential: headers, parameters, fields of forms, members of JSON and pairs in any other text of a request. So
is a token that shows by itself that it is one. A reference to a variable, such as `{{token}}`, stays. Saved
example responses are left out. Scripts, names and descriptions are shown as they are.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from workspaces.strict_json import parse_json

MASK = "•••••"

CREDENTIAL = re.compile(
    "assertion|auth|bearer|cookie|credential|jwt|key|passphrase|passw|private|pwd|secret|session|sign|token"
    "|(?<![a-z])(?:otp|pass|pin)(?![a-z])",
    re.IGNORECASE,
)
"""In a name of at most MAX_NAME characters."""
MAX_NAME = 100

REFERENCE = re.compile(r"\{\{[^{}]{1,255}\}\}")
SCHEME_WORDS = {"", "apikey", "basic", "bearer", "digest", "token"}

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
"""They say how to authorize, and not with what."""

NOT_SENT = {"description", "event", "response"}

DESCRIPTIVE = {"description", "disabled", "enabled", "id", "key", "method", "mode", "name", "src", "type"}
"""The members of an entry, such as a header or a parameter, that do not hold its value."""

NAMED = re.compile(
    r"(?<![\w.-])([\w.-]{1,100})[\"'\]]?[^\S\n]{0,20}(=|:(?!//|\d{1,5}(?:[/?#]|$)))[^\S\n]{0,20}"
)
"""What stands before the value in `token=…`, `"token": "…"` and `Token: …`. A port behind a host is none."""
VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?|\{\{[^{}]{1,255}\}\}(?![^\s,&])|[^\s&;<>\"']++", re.DOTALL
)
LINE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?|\{\{[^{}]{1,255}\}\}(?![^\s,&])|[^\n]++", re.DOTALL
)
"""Behind a colon, where the value of a header may hold spaces."""
ELEMENT = re.compile(r"<(?:[\w.-]{1,100}:)?([\w.-]{1,100})(?:\s[^<>]{0,1000})?>(?P<value>[^<]++)")
USER_INFO = re.compile(r"(?:\A|//)[^/\s:@?#]{0,255}:(?P<value>[^/\s@?#]{1,500}+)(?=@)")
SCHEME = re.compile(r"\b(?:basic|bearer)[^\S\n]{1,20}(?P<value>[\w.~+/=-]{8,}+)", re.IGNORECASE)
JSON_WEB_TOKEN = re.compile(r"\b(?P<value>eyJ[\w-]{10,}+\.[\w.-]++)")


MIN_REPORTED = 8
"""Characters of a secret that no report repeats: shorter ones are words that reports are made of."""
MAX_REPORTED = 100
"""Secrets of one collection: every text of a report is searched for each of them."""
MAX_ADDRESS = 2000
SURE_CREDENTIAL = re.compile(
    r"assertion|access.?key|api.?key|auth.?key|authorization|bearer|cookie|credential|jwt|pass(?:phrase|w)"
    r"|private|pwd|secret|token|(?<![a-z])pass(?![a-z])",
    re.IGNORECASE,
)
NO_CREDENTIAL = re.compile(
    r"(?:algorithm|expir\w{0,20}|format|id|method|name|prefix|type|ur[il])\Z", re.IGNORECASE
)
"""How names end that only tell of a credential."""


def redacted(collection: Any) -> Any:
    """A copy for viewers of a collection, or a part of one, of schema 2.0 or 2.1."""
    if isinstance(collection, list):
        return [redacted(part) for part in collection]
    if not isinstance(collection, dict):
        return collection
    return {
        name: HIDE_BY_MEMBER[name](part) if name in HIDE_BY_MEMBER else redacted(part)
        for name, part in collection.items()
    }


def secrets_for_reports(collection: Any) -> set[str]:
    """What stands in a collection under the name of a credential, and is masked in the reports of its runs.

    That is less than viewers are not shown: reports are about addresses and ids, which variables hold too.
    """
    found: set[str] = set()
    for value in _values_of_credentials(collection):
        secret = value.strip()
        scheme, space, rest = secret.partition(" ")
        if space and scheme.lower() in SCHEME_WORDS:
            secret = rest.strip()
        if len(secret) >= MIN_REPORTED and "{{" not in secret and "://" not in secret:
            found.add(secret)
        if len(found) == MAX_REPORTED:
            break
    return found


def _values_of_credentials(collection: Any) -> Iterator[str]:
    waiting = [collection]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(value for name, value in part.items() if name not in NOT_SENT)
            yield from (value for name, value in _named_values(part) if isinstance(value, str))
        elif isinstance(part, list):
            waiting.extend(part)


def _named_values(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The members, the entry, and the parameters of the address that `part` is."""
    named = [(str(name), value) for name, value in part.items() if name not in DESCRIPTIVE]
    named.append(("secret" if part.get("type") == "secret" else _name_of(part), part.get("value")))
    named.extend(_api_key(part.get("apikey")))
    for address in (part.get("url"), part.get("raw"), part.get("request")):
        if isinstance(address, str) and len(address) <= MAX_ADDRESS:
            named.extend(pair.partition("=")[::2] for pair in re.split("[?&#;]", address))
    yield from ((name, value) for name, value in named if _is_sure_credential(name))


def _api_key(parameters: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(parameters, dict):
        yield "api key", parameters.get("value")
    for entry in parameters if isinstance(parameters, list) else []:
        if isinstance(entry, dict) and entry.get("key") == "value":
            yield "api key", entry.get("value")


def _is_sure_credential(name: str) -> bool:
    name = name[:MAX_NAME]
    return SURE_CREDENTIAL.search(name) is not None and NO_CREDENTIAL.search(name) is None


def _hidden(value: Any) -> Any:
    """Masks in every part, unless it gives nothing away."""
    if isinstance(value, list):
        return [_hidden(part) for part in value]
    if isinstance(value, dict):
        return {name: _hidden(part) for name, part in value.items()}
    if value is None or isinstance(value, bool) or value == "":
        return value
    if isinstance(value, str) and REFERENCE.sub("", value).strip().lower() in SCHEME_WORDS:
        return value
    return MASK


def _auth(auth: Any) -> Any:
    """Each kind of authorization stands in a member of its own: a list of parameters, or an object in 2.0."""
    if not isinstance(auth, dict):
        return _hidden(auth)
    return {kind: part if kind == "type" else _parameters(part) for kind, part in auth.items()}


def _parameters(parameters: Any) -> Any:
    if isinstance(parameters, dict):
        return {
            name: value if name in SHOWN_AUTH_PARAMETERS else _hidden(value)
            for name, value in parameters.items()
        }
    return _entries(parameters, SHOWN_AUTH_PARAMETERS)


def _variables(variables: Any) -> Any:
    return _entries(variables, set())


def _entries(entries: Any, shown: set[str]) -> Any:
    if not isinstance(entries, list):
        return _hidden(entries)
    return [_entry(entry, shown) if isinstance(entry, dict) else _hidden(entry) for entry in entries]


def _entry(entry: dict[str, Any], shown: set[str]) -> dict[str, Any]:
    return entry if _name_of(entry) in shown else _hidden_entry(entry)


def _hidden_entry(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: part if name in DESCRIPTIVE else _hidden(part) for name, part in entry.items()}


def _name_of(entry: dict[str, Any]) -> str:
    return str(entry.get("key") or entry.get("id") or entry.get("name") or "")


def _is_credential(name: str) -> bool:
    return CREDENTIAL.search(name[:MAX_NAME]) is not None


def _shown(part: Any) -> Any:
    """Any part of a request, or of the JSON that it sends: whatever it looks like, by the names in it."""
    if isinstance(part, str):
        return _text(part)
    if isinstance(part, list):
        return [_shown(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    if "value" in part and _is_credential(_name_of(part)):
        return _hidden_entry(part)
    return {name: _member(name, inner) for name, inner in part.items()}


def _member(name: str, part: Any) -> Any:
    if name in HIDE_BY_MEMBER_OF_REQUEST:
        return HIDE_BY_MEMBER_OF_REQUEST[name](part)
    if name in DESCRIPTIVE:
        return _shown(part) if isinstance(part, list | dict) else part
    return _hidden(part) if _is_credential(name) else _shown(part)


def _text(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = parse_json(text)
        except ValueError:
            pass  # such as a template of JSON
        else:
            return json.dumps(_shown(value), ensure_ascii=False, indent=2 if "\n" in text else None)
    text = _without_named_values(USER_INFO.sub(_masked, text))
    text = ELEMENT.sub(lambda found: _masked(found) if _is_credential(found[1]) else found[0], text)
    return JSON_WEB_TOKEN.sub(_masked, SCHEME.sub(_masked, text))


def _without_named_values(text: str) -> str:
    pieces, end = [], 0
    while name := NAMED.search(text, end):
        pieces.append(text[end : name.end()])
        end = name.end()
        value = (VALUE if name[2] == "=" else LINE).match(text, end) if _is_credential(name[1]) else None
        if value:
            pieces.append(_hidden_text(value[0]))
            end = value.end()
    return "".join([*pieces, text[end:]])


def _masked(found: re.Match[str]) -> str:
    return found[0].removesuffix(found["value"]) + _hidden_text(found["value"])


def _hidden_text(value: str) -> str:
    """In its quotes, if it has them."""
    quote = value[0] if value[0] in "\"'" else ""
    end = quote if len(value) > 1 and value.endswith(quote) else ""
    return f"{quote}{_hidden(value[len(quote) : len(value) - len(end)])}{end}"


def _nothing(responses: Any) -> list[Any]:
    return []


HIDE_BY_MEMBER_OF_REQUEST: dict[str, Callable[[Any], Any]] = {"auth": _auth, "variable": _variables}
HIDE_BY_MEMBER: dict[str, Callable[[Any], Any]] = {
    **HIDE_BY_MEMBER_OF_REQUEST,
    **dict.fromkeys(("body", "header", "request", "url"), _shown),
    "response": _nothing,
}
