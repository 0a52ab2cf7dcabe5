"""Splits encoded URLs without changing anything in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from monitors.runner.http.failures import failure

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class UrlParts:
    """An http(s) URL in pieces. Nothing is normalized, so the pieces put together are the URL again."""

    scheme: str
    userinfo: str | None
    host: str
    port: str | None
    path: str
    query: str | None
    fragment: str | None

    @classmethod
    def of(cls, url: str) -> UrlParts:
        """Split an encoded URL."""
        return _parts_of(url)

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def target(self) -> str:
        """Path and query as the request line has them."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    def port_number(self) -> int:
        """The port to connect to. Raises RequestFailed for an invalid one."""
        if self.port is None or self.port == "":
            return DEFAULT_PORTS[self.scheme]
        if not re.fullmatch(r"[0-9]{1,5}", self.port) or int(self.port) > 65535:
            message = f"Port should be >= 0 and < 65536. Received type string ('{self.port}')."
            raise failure("ERR_SOCKET_BAD_PORT", message)
        return int(self.port)

    def __str__(self) -> str:
        userinfo = "" if self.userinfo is None else f"{self.userinfo}@"
        fragment = "" if self.fragment is None else f"#{self.fragment}"
        return f"{self.scheme}://{userinfo}{self.authority}{self.target}{fragment}"


@lru_cache(maxsize=256)
def _parts_of(url: str) -> UrlParts:
    rest, mark, fragment = url.partition("#")
    scheme, _, rest = rest.partition("://")
    rest, query_mark, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    userinfo, at, authority = authority.rpartition("@")
    host, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        host, colon, port = authority, "", ""
    return UrlParts(
        scheme=scheme.lower(),
        userinfo=userinfo if at else None,
        host=host.lower(),
        port=port if colon else None,
        path=f"/{path}" if slash else "/",
        query=query if query_mark else None,
        fragment=fragment if mark else None,
    )
