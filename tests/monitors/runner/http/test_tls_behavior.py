"""What a request's settings ask of TLS holds as with Newman."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from monitors.runner.http import Behavior, EgressPolicy, HttpClient, OutgoingRequest, TlsBehavior
from tests.monitors.runner.http.certificates import make_certificate, server_context
from tests.monitors.runner.http.newman import collection, needs_newman, reported_by_newman, reported_by_us
from tests.monitors.runner.http.server import RawServer, response

ELLIPTIC, RSA, NEWEST = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_AES_128_GCM_SHA256",
)
BEHAVIORS: list[dict[str, Any]] = [
    {},
    {"tlsDisabledProtocols": ["TLSv1_2"]},
    {"tlsDisabledProtocols": ["TLSv1_3"]},
    {"tlsDisabledProtocols": ["TLSv1_2", "TLSv1_3"]},
    {"tlsDisabledProtocols": ["TLSv1", "TLSv1_1", "SSLv3", "SSLv2", "nonsense", 5]},
    {"tlsDisabledProtocols": "TLSv1_3"},
    {"tlsPreferServerCiphers": True},
    *({"tlsCipherSelection": ciphers} for ciphers in ([ELLIPTIC], [RSA], [NEWEST], [NEWEST, ELLIPTIC], [])),
    {"tlsCipherSelection": ["nonsense"]},
    {"tlsCipherSelection": [ELLIPTIC], "tlsDisabledProtocols": ["TLSv1_3"]},
]


def ok(request: object) -> bytes:
    return response("ok")


@pytest.fixture
def servers() -> Iterator[list[RawServer]]:
    """One speaks TLS 1.2 alone, one 1.3 alone, one both."""
    contexts = [server_context(make_certificate("127.0.0.1")) for _ in range(3)]
    for context, version in zip(contexts, (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), strict=False):
        context.minimum_version = context.maximum_version = version
    with ExitStack() as stack:
        yield [stack.enter_context(RawServer(ok, context)) for context in contexts]


@needs_newman[0]
@needs_newman[1]
def test_versions_and_ciphers_are_those_of_the_request(servers: list[RawServer]) -> None:
    items = [
        {"request": server.url, "protocolProfileBehavior": {"strictSSL": False, **behavior}}
        for behavior in BEHAVIORS
        for server in servers
    ]
    newman, ours = reported_by_newman(collection(items)), reported_by_us(collection(items))
    for item, one, other in zip(items, ours, newman, strict=True):
        assert (item, one["code"], one["error"]) == (item, other["code"], other["error"])


def test_a_connection_is_not_shared_by_requests_that_differ_in_it(servers: list[RawServer]) -> None:
    both = servers[2]
    with HttpClient(EgressPolicy(allow_all=True), timeout_ms=3000) as client:
        for disabled in ("TLSv1_2", "TLSv1_3", "TLSv1_2"):
            behavior = Behavior(strict_ssl=False, tls=TlsBehavior(frozenset({disabled})))
            client.send(OutgoingRequest("GET", both.url), behavior=behavior)
    assert [seen.connection for seen in both.seen] == [1, 2, 1]
