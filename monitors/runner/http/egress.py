"""Where requests may go: the guard against private, local and metadata addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

import requests

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class EgressPolicy:
    """Which addresses may be connected to. Public ones always may; `allow` adds networks, `allow_all` everything."""

    allow: tuple[Network, ...] = ()
    allow_all: bool = False

    @classmethod
    def from_text(cls, networks: Iterable[str]) -> EgressPolicy:
        """Read addresses and networks (`10.0.0.0/8`, `127.0.0.1`); `*` allows everything. ValueError for others."""
        texts = [text.strip() for text in networks if text.strip()]
        parsed = tuple(ipaddress.ip_network(text, strict=False) for text in texts if text != "*")
        return cls(allow=parsed, allow_all="*" in texts)

    def permits(self, address: str) -> bool:
        """Whether this IP address may be connected to."""
        raise NotImplementedError


def guarded_session(policy: EgressPolicy) -> requests.Session:
    """A `requests` session that connects only where the policy permits; for imports by URL and webhooks."""
    raise NotImplementedError
