"""Parses, joins and encodes URLs as Postman does.

The rules are those of postman-url-encoder and postman-collection (url.js, query-param.js): nearly anything
is a URL, it may hold variables anywhere, and parts that are already encoded stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from monitors.runner import javascript
from monitors.runner.shapes import JsonObject, as_dict, as_list, as_text, objects_in
from monitors.runner.url_encoding import FRAGMENT, PATH, QUERY, USER_INFO, encode_host, percent_encode

SPECIAL_VARIABLE = re.compile(r"\{\{[^{}.:/?#@&\]]*[.:/?#@&\]][^{}]*\}\}|[\U000f0000-\U000ffffd]")
"""A variable whose name has characters with a meaning in URLs, or a character that is used as a
placeholder."""
FIRST_PLACEHOLDER = 0xF0000
MAX_PLACEHOLDERS = 0xFFFE
PLACEHOLDER = re.compile("[\U000f0000-\U000ffffd]")
RESERVED_IN_VARIABLE = re.compile(r"(\{\{[^{}&#=]*[&#=][^{}]*\}\})")


@dataclass
class QueryParam:
    """A parameter of a query or a form. `key` or `value` is None when it is missing rather than empty."""

    key: object
    value: object
    disabled: bool = False

    @classmethod
    def parse_all(cls, query: str) -> list[QueryParam]:
        """The parameters of a query without its question mark."""
        parts = query.split("&")
        last = len(parts) - 1
        return [
            cls(None, None) if not part and at != last else cls.parse(part) for at, part in enumerate(parts)
        ]

    @classmethod
    def parse(cls, part: str) -> QueryParam:
        key, equals, value = part.partition("=")
        return cls(key, value if equals else None)

    @classmethod
    def list_from_json(cls, query: object) -> list[QueryParam]:
        """From a string, an object, or a list of strings and objects."""
        if isinstance(query, str):
            return cls.parse_all(query)
        if isinstance(query, dict):
            return [cls(key, value) for key, value in query.items()]
        return [cls.from_json(entry) for entry in as_list(query) if isinstance(entry, str | dict)]

    @classmethod
    def from_json(cls, entry: str | JsonObject) -> QueryParam:
        if isinstance(entry, str):
            return cls.parse(entry)
        return cls(entry.get("key"), entry.get("value"), bool(entry.get("disabled")))

    def to_json(self) -> JsonObject:
        return {"key": self.key, "value": self.value, **({"disabled": True} if self.disabled else {})}

    def __str__(self) -> str:
        text = _escape_reserved(self.key, equals=True) if isinstance(self.key, str) else ""
        return f"{text}={_escape_reserved(self.value)}" if isinstance(self.value, str) else text


def _escape_reserved(text: str, equals: bool = False) -> str:
    """Encode the characters that would end the parameter, except within a variable's braces."""
    pieces = RESERVED_IN_VARIABLE.split(text)
    for at in range(0, len(pieces), 2):
        pieces[at] = pieces[at].replace("&", "%26").replace("#", "%23")
        if equals:
            pieces[at] = pieces[at].replace("=", "%3D")
    return "".join(pieces)


def query_text(params: list[QueryParam]) -> str | None:
    """The query without its question mark; None when there is no enabled parameter."""
    enabled = [str(param) for param in params if not param.disabled]
    return "&".join(enabled) if enabled else None


@dataclass
class Url:
    """A URL in its parts, which may all hold variables. A missing part is None."""

    protocol: str | None = None
    user: str | None = None
    password: str | None = None
    host: str | None = None
    port: object = None
    path: list[str] | None = None
    query: list[QueryParam] = field(default_factory=list)
    hash: str | None = None
    variables: list[JsonObject] = field(default_factory=list)
    """Path variables in Postman's JSON: `key` (in old collections `id`) and `value`."""

    @classmethod
    def parse(cls, text: str) -> Url:
        """Split a URL into its parts. Never fails."""
        return _parse(text)

    @classmethod
    def from_json(cls, value: object) -> Url:
        """From the JSON of a collection or a script: a string, or an object. An object's `raw` is ignored."""
        if isinstance(value, str):
            return cls.parse(value)
        if not isinstance(value, dict):
            return cls()
        auth = as_dict(value.get("auth"))
        return cls(
            protocol=as_text(value.get("protocol")),
            user=as_text(auth.get("user")),
            password=as_text(auth.get("password")),
            host=_host_from_json(value.get("host")),
            port=value.get("port"),
            path=_path_from_json(value.get("path")),
            query=QueryParam.list_from_json(value.get("query")),
            hash=as_text(value.get("hash")),
            variables=objects_in(value.get("variable")),
        )

    def to_json(self) -> JsonObject:
        auth = {"user": self.user, "password": self.password} if self.user is not None else None
        parts: JsonObject = {
            "protocol": self.protocol,
            "auth": auth,
            "host": self.host.split(".") if self.host else None,
            "port": self.port,
            "path": self.path,
            "hash": self.hash,
            "query": [param.to_json() for param in self.query],
            "variable": self.variables,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def __str__(self) -> str:
        """The URL as a string, with path variables replaced and nothing encoded."""
        text = ""
        if self.protocol:
            text += self.protocol if self.protocol.endswith("://") else f"{self.protocol}://"
        if (credentials := self._credentials(self.user, self.password)) is not None:
            text += f"{credentials}@"
        text += self.host or ""
        if self.port is not None:
            text += f":{javascript.text(self.port)}"
        if self.path is not None:
            text += self.path_text
        if (query := query_text(self.query)) is not None:
            text += f"?{query}"
        if self.hash is not None:
            text += f"#{self.hash}"
        return text

    @property
    def path_text(self) -> str:
        """The path with its path variables replaced, beginning with a slash."""
        values = {
            name: entry.get("value") for entry in self.variables if isinstance(name := _key(entry), str)
        }
        return "/" + "/".join(_with_value(segment, values) for segment in self.path or [])

    def encode(self, disable_encoding: bool = False) -> str:
        """The URL as it is sent. `disable_encoding` is `disableUrlEncoding` of `protocolProfileBehavior`,
        which does not apply to the host."""

        def encoded(text: str, table: list[str]) -> str:
            return text if disable_encoding else percent_encode(text, table)

        protocol = self.protocol.lower() if isinstance(self.protocol, str) else "http"
        text = f"{protocol}://"
        user = None if self.user is None else encoded(self.user, USER_INFO)
        password = None if self.password is None else encoded(self.password, USER_INFO)
        if (credentials := self._credentials(user, password)) is not None:
            text += f"{credentials}@"
        text += encode_host((self.host or "").lower())
        if self.port is not None:
            text += f":{javascript.text(self.port)}"
        text += encoded(self.path_text, PATH)
        if (query := query_text(self.query)) is not None:
            text += f"?{encoded(query, QUERY)}"
        if self.hash is not None:
            text += f"#{encoded(self.hash, FRAGMENT)}"
        return text

    @staticmethod
    def _credentials(user: str | None, password: str | None) -> str | None:
        if password is not None:
            return f"{user or ''}:{password}"
        return user


def _with_value(segment: str, values: Mapping[str, object]) -> str:
    """A path segment with its path variable replaced."""
    if not (name := path_variable(segment)):
        return segment
    value = values.get(name)
    return value + segment[len(name) + 1 :] if isinstance(value, str) and value else segment


def path_variable(segment: str) -> str | None:
    """The name of the path variable in a segment: `id` in `:id` and in `:id.json`."""
    return segment[1:].split(".")[0] or None if segment.startswith(":") else None


def _key(variable: JsonObject) -> object:
    return variable.get("key") or variable.get("id")


def _host_from_json(host: object) -> str | None:
    if isinstance(host, list):
        return ".".join("" if part is None else javascript.text(part) for part in host)
    return host if isinstance(host, str) and host else None


def _path_from_json(path: object) -> list[str] | None:
    if isinstance(path, list):
        return ["" if segment is None else javascript.text(segment) for segment in path]
    if not isinstance(path, str) or not path:
        return None
    return [""] if path == "/" else path.removeprefix("/").split("/")


def _parse(text: str) -> Url:
    """Takes the parts off in the order of postman-url-encoder's parser.

    1. Replace variables with special characters by placeholders.
    2. Cut the fragment, then the query, off the end.
    3. Cut the protocol off the start, then the path off the end.
    4. Split the rest into user info, host and port.
    """
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        if len(hidden) == MAX_PLACEHOLDERS:  # In the variables after these, dots count as the URL's.
            return match[0] if match[0].startswith("{") else "\N{REPLACEMENT CHARACTER}"
        hidden.append(match[0])
        return chr(FIRST_PLACEHOLDER + len(hidden) - 1)

    def restored(part: str) -> str:
        if not hidden:
            return part
        return PLACEHOLDER.sub(lambda match: hidden[ord(match[0]) - FIRST_PLACEHOLDER], part)

    url = Url()
    rest = SPECIAL_VARIABLE.sub(hide, text.lstrip())
    rest, mark, fragment = rest.partition("#")
    url.hash = restored(fragment) if mark else None
    rest, mark, query = rest.partition("?")
    if mark:
        url.query = QueryParam.parse_all(query)
        for param in url.query:
            param.key = restored(param.key) if isinstance(param.key, str) else None
            param.value = restored(param.value) if isinstance(param.value, str) else None
    rest = rest.replace("\\", "/")
    protocol, mark, after = rest.partition("://")
    if mark:
        url.protocol = restored(protocol)
        slashes = "/" if protocol.lower() == "file" and after.startswith("/") else ""
        rest = slashes + after.lstrip("/")
    rest, mark, path = rest.partition("/")
    if mark:
        url.path = [restored(segment) for segment in path.split("/")]
        url.variables = [{"key": name} for name in dict.fromkeys(map(path_variable, url.path)) if name]
    credentials, mark, rest = rest.rpartition("@")
    if mark:
        user, mark, password = credentials.partition(":")
        url.user, url.password = restored(user), restored(password) if mark else None
    host, mark, port = rest.rpartition(":")
    if mark and "]" not in port:
        url.port, rest = restored(port), host
    url.host = restored(rest) if rest else None
    return url
