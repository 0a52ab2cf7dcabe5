"""A collection as viewers may read it: without the secrets that people leave in it.

Hidden are the values of variables and of authorizations, and elsewhere the values of what is named like a
credential: headers, parameters, fields of forms and of JSON. A reference to a variable, such as `{{token}}`,
stays. Saved example responses are left out. Scripts are code, and are shown as they are.
"""

import re
from collections.abc import Callable
from typing import Any

MASK = "•••••"

CREDENTIAL = re.compile(
    r"auth|cookie|credential|key|passphrase|passw|pwd|secret|session|sign|token|otp\b|\bpin\b", re.IGNORECASE
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

JSON_MEMBER = re.compile(r'("([^"\\]{1,100})"\s{0,20}:\s{0,20}")((?:[^"\\]|\\.)+)(")')


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


def _hidden(value: Any) -> Any:
    """The mask, unless the value gives nothing away."""
    if value is None or isinstance(value, bool) or value == "":
        return value
    if isinstance(value, str) and REFERENCE.sub("", value).strip().lower() in SCHEME_WORDS:
        return value
    return MASK


def _auth(auth: Any) -> Any:
    """Each kind of authorization stands in a member of its own: a list of parameters, or an object in 2.0."""
    if not isinstance(auth, dict):
        return auth
    return {kind: part if kind == "type" else _parameters(part) for kind, part in auth.items()}


def _parameters(parameters: Any) -> Any:
    if isinstance(parameters, dict):
        return {
            name: value if name in SHOWN_AUTH_PARAMETERS else _hidden(value)
            for name, value in parameters.items()
        }
    return _entries(parameters, lambda name: name not in SHOWN_AUTH_PARAMETERS)


def _variables(variables: Any) -> Any:
    return _entries(variables, lambda name: True)


def _named(entries: Any) -> Any:
    """Headers, parameters or fields of a form; headers may be one text with a line for each."""
    if isinstance(entries, str):
        return "\n".join(_header_line(line) for line in entries.split("\n"))
    return _entries(entries, _is_credential)


def _entries(entries: Any, is_secret: Callable[[str], bool]) -> Any:
    if not isinstance(entries, list):
        return redacted(entries)
    return [_entry(entry, is_secret) if isinstance(entry, dict) else entry for entry in entries]


def _entry(entry: dict[str, Any], is_secret: Callable[[str], bool]) -> dict[str, Any]:
    name = str(entry.get("key") or entry.get("id") or "")
    return entry | {"value": _hidden(entry["value"])} if "value" in entry and is_secret(name) else entry


def _is_credential(name: str) -> bool:
    return CREDENTIAL.search(name[:MAX_NAME]) is not None


def _header_line(line: str) -> str:
    name, colon, value = line.partition(":")
    return f"{name}{colon} {_hidden(value.strip())}" if colon and _is_credential(name) else line


def _url(url: Any) -> Any:
    return _address(url) if isinstance(url, str) else redacted(url)


def _address(url: str) -> str:
    """The address with the password of `user:password@host` and credentials in its query hidden."""
    before, mark, query = url.partition("?")
    scheme, separator, rest = before.rpartition("//")
    host, slash, path = rest.partition("/")
    user, at, server = host.rpartition("@")
    if at:
        name, colon, password = user.partition(":")
        host = f"{name}{colon}{_hidden(password)}@{server}"
    return f"{scheme}{separator}{host}{slash}{path}{mark}{'&'.join(map(_parameter, query.split('&')))}"


def _parameter(parameter: str) -> str:
    name, sign, value = parameter.partition("=")
    return f"{name}{sign}{_hidden(value)}" if _is_credential(name) else parameter


def _raw(text: Any) -> Any:
    """An address, in `url`, or a body."""
    if not isinstance(text, str):
        return text
    return _json_text(text) if text.lstrip()[:1] in ("{", "[") and '"' in text else _address(text)


def _json_text(text: str) -> str:
    def hide(found: re.Match[str]) -> str:
        return f"{found[1]}{_hidden(found[3])}{found[4]}" if _is_credential(found[2]) else found[0]

    return JSON_MEMBER.sub(hide, text)


def _nothing(responses: Any) -> list[Any]:
    return []


HIDE_BY_MEMBER: dict[str, Callable[[Any], Any]] = {
    "auth": _auth,
    "formdata": _named,
    "header": _named,
    "passphrase": _hidden,
    "query": _named,
    "raw": _raw,
    "request": _url,
    "response": _nothing,
    "url": _url,
    "urlencoded": _named,
    "variable": _variables,
    "variables": lambda text: _json_text(text) if isinstance(text, str) else redacted(text),
}
