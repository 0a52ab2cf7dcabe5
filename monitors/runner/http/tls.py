"""Certificates: whom we trust, and how we prove who we are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HostTls:
    """A host's client certificate and custom CA, as PEM text held in memory.

    `host` is a name, maybe with `*.` in front and a port behind (`*.example.com:8443`), as in Postman's settings.
    """

    host: str
    certificate: str = ""
    key: str = ""
    passphrase: str = ""
    ca: str = ""
