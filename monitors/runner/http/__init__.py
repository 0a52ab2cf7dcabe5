"""Postwatch's HTTP client. It sends what Postman's runner sends, where the egress policy permits it.

`HttpClient` serves one run: it keeps the run's cookies and connections, authorizes, follows redirects
Postman's way and returns an `Exchange`, or raises `RequestFailed`.
"""

from monitors.runner.http.client import HttpClient
from monitors.runner.http.cookies import CookieJar
from monitors.runner.http.egress import EgressDenied, EgressPolicy
from monitors.runner.http.headers import Headers
from monitors.runner.http.message import (
    Auth,
    Behavior,
    Exchange,
    IncomingResponse,
    OutgoingRequest,
    RequestFailed,
    SignedBody,
    Timings,
    TlsBehavior,
)
from monitors.runner.http.tls import HostTls

__all__ = [
    "Auth",
    "Behavior",
    "CookieJar",
    "EgressDenied",
    "EgressPolicy",
    "Exchange",
    "Headers",
    "HostTls",
    "HttpClient",
    "IncomingResponse",
    "OutgoingRequest",
    "RequestFailed",
    "SignedBody",
    "Timings",
    "TlsBehavior",
]
