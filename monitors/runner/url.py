"""URLs as Postman takes them apart, puts them together and encodes them.

The rules are those of postman-url-encoder and postman-collection (url.js, query-param.js): nearly anything
is a URL, variables may stand anywhere in it, and what is encoded already stays as it is.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitors.runner import javascript
from monitors.runner.shapes import as_dict, as_list, as_text

# With the characters that stand for them while a URL is taken apart.
SPECIAL_VARIABLE = re.compile(r"\{\{[^{}.:/?#@&\]]*[.:/?#@&\]][^{}]*\}\}|[\U000f0000-\U000ffffd]")
FIRST_PLACEHOLDER = 0xF0000
MAX_PLACEHOLDERS = 0xFFFE
PLACEHOLDER = re.compile("[\U000f0000-\U000ffffd]")
RESERVED_IN_VARIABLE = re.compile(r"(\{\{[^{}&#=]*[&#=][^{}]*\}\})")


def _encode_table(extra: str) -> list[str]:
    """What each byte becomes: controls, everything outside ASCII and the characters given are encoded."""
    return [
        f"%{byte:02X}" if byte < 0x20 or byte > 0x7E or chr(byte) in extra else chr(byte)
        for byte in range(256)
    ]


QUERY = _encode_table(" \"#'<>")
FRAGMENT = _encode_table(' "<>`')
PATH = _encode_table(' "<>`#?{}')
USER_INFO = _encode_table(' "<>`#?{}/:;=@[\\]^|')


def percent_encode(text: str, table: list[str]) -> str:
    return "".join(map(table.__getitem__, javascript.utf8(text)))


@dataclass
class QueryParam:
    """`key` or `value` is None where the URL has none at all, which is not the same as an empty one."""

    key: str | None
    value: Any
    disabled: bool = False

    @classmethod
    def parse_all(cls, query: str) -> list[QueryParam]:
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
    def list_from_json(cls, query: Any) -> list[QueryParam]:
        if isinstance(query, str):
            return cls.parse_all(query)
        if isinstance(query, dict):
            return [cls(key, value) for key, value in query.items()]
        return [cls.from_json(entry) for entry in as_list(query) if isinstance(entry, str | dict)]

    @classmethod
    def from_json(cls, entry: Any) -> QueryParam:
        if isinstance(entry, str):
            return cls.parse(entry)
        return cls(entry.get("key"), entry.get("value"), bool(entry.get("disabled")))

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "value": self.value} | ({"disabled": True} if self.disabled else {})

    def __str__(self) -> str:
        text = _escape_reserved(self.key, equals=True) if isinstance(self.key, str) else ""
        return f"{text}={_escape_reserved(self.value)}" if isinstance(self.value, str) else text


def _escape_reserved(text: str, equals: bool = False) -> str:
    """Encode what would end the parameter, but not within a variable's braces."""
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
    protocol: str | None = None
    user: str | None = None
    password: str | None = None
    host: str | None = None
    port: Any = None
    path: list[str] | None = None
    query: list[QueryParam] = field(default_factory=list)
    hash: str | None = None
    variables: list[dict[str, Any]] = field(default_factory=list)
    """Path variables as the JSON has them: `key` (an old collection: `id`) and `value`."""

    @classmethod
    def parse(cls, text: str) -> Url:
        return _parse(text)

    @classmethod
    def from_json(cls, value: Any) -> Url:
        """From a collection's or a script's JSON: a text, or an object whose parts count and whose `raw`
        does not."""
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
            variables=[entry for entry in as_list(value.get("variable")) if isinstance(entry, dict)],
        )

    def to_json(self) -> dict[str, Any]:
        auth = {"user": self.user, "password": self.password} if self.user is not None else None
        parts: dict[str, Any] = {
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
        """The URL as one text, path variables filled in, nothing encoded."""
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
        values = {
            name: entry.get("value") for entry in self.variables if isinstance(name := _key(entry), str)
        }
        return "/" + "/".join(_filled(segment, values) for segment in self.path or [])

    def encode(self, disable_encoding: bool = False) -> str:
        """The URL as it goes out. `disable_encoding` is the behaviour `disableUrlEncoding`; the host is
        encoded always."""

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


def _filled(segment: str, values: Mapping[str, Any]) -> str:
    """A segment of the path with its path variable's value."""
    if not (name := path_variable(segment)):
        return segment
    value = values.get(name)
    return value + segment[len(name) + 1 :] if isinstance(value, str) and value else segment


def path_variable(segment: str) -> str | None:
    """`id` of the segments `:id` and `:id.json`."""
    return segment[1:].split(".")[0] or None if segment.startswith(":") else None


def _key(variable: dict[str, Any]) -> Any:
    return variable.get("key") or variable.get("id")


def _host_from_json(host: Any) -> str | None:
    if isinstance(host, list):
        return ".".join("" if part is None else javascript.text(part) for part in host)
    return host if isinstance(host, str) and host else None


def _path_from_json(path: Any) -> list[str] | None:
    if isinstance(path, list):
        return ["" if segment is None else javascript.text(segment) for segment in path]
    if not isinstance(path, str) or not path:
        return None
    return [""] if path == "/" else path.removeprefix("/").split("/")


def _parse(text: str) -> Url:
    """From the back to the front, as the parser of postman-url-encoder goes."""
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        if len(hidden) == MAX_PLACEHOLDERS:  # of what is behind them, a variable's dots count as the URL's
            return match[0] if match[0].startswith("{") else "\N{REPLACEMENT CHARACTER}"
        hidden.append(match[0])
        return chr(FIRST_PLACEHOLDER + len(hidden) - 1)

    def shown(part: str) -> str:
        if not hidden:
            return part
        return PLACEHOLDER.sub(lambda match: hidden[ord(match[0]) - FIRST_PLACEHOLDER], part)

    url = Url()
    rest = SPECIAL_VARIABLE.sub(hide, text.lstrip())
    rest, mark, fragment = rest.partition("#")
    url.hash = shown(fragment) if mark else None
    rest, mark, query = rest.partition("?")
    if mark:
        url.query = [
            QueryParam(
                param.key if param.key is None else shown(param.key), param.value and shown(param.value)
            )
            for param in QueryParam.parse_all(query)
        ]
    rest = rest.replace("\\", "/")
    protocol, mark, after = rest.partition("://")
    if mark:
        url.protocol = shown(protocol)
        slashes = "/" if protocol.lower() == "file" and after.startswith("/") else ""
        rest = slashes + after.lstrip("/")
    rest, mark, path = rest.partition("/")
    if mark:
        url.path = [shown(segment) for segment in path.split("/")]
        url.variables = [{"key": name} for name in dict.fromkeys(map(path_variable, url.path)) if name]
    credentials, mark, rest = rest.rpartition("@")
    if mark:
        user, mark, password = credentials.partition(":")
        url.user, url.password = shown(user), shown(password) if mark else None
    host, mark, port = rest.rpartition(":")
    if mark and "]" not in port:
        url.port, rest = shown(port), host
    url.host = shown(rest) if rest else None
    return url


NUMERIC_HOST = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$")


def encode_host(host: str) -> str:
    """The host as Node's `domainToASCII` writes it: numeric spellings of an address and Unicode become
    plain."""
    if not host:
        return ""
    if host.startswith("[") and host.endswith("]"):
        return _ipv6(host)
    if not host.isascii():
        host = _to_ascii(host)
    if NUMERIC_HOST.search(host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
        except OSError:
            return host
    return host


def _ipv6(host: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
    except ValueError:
        return host


def _to_ascii(host: str) -> str:
    import idna  # large tables, and few hosts need them

    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
    except idna.IDNAError:
        return host
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode()
        for label in mapped.split(".")
    )
