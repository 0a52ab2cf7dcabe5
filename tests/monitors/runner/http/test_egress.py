"""No spelling of a closed address, no name for one and no redirect to one gets through."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from monitors.runner.http import (
    Auth,
    EgressPolicy,
    HttpClient,
    OutgoingRequest,
    RequestFailed,
)
from monitors.runner.http.connecting import DnsResolver, Endpoint
from monitors.runner.url import Url
from tests.monitors.runner.http.server import RawRequest, RawServer, response

PUBLIC = EgressPolicy()
CLOSED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
OPEN = ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1"]
SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "0177.0.0.1",
    "0177.1",
    "127.00000.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[::127.0.0.1]",
    "[::FFFF:127.0.0.1]",
    "[2001:0:7f00:1::]",
    "127.0.0.1.",
    "0x7f000001.",
    "①②⑦.⓪.⓪.①",
    "１２７.０.０.１",
    "127。0。0。1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "public.example@127.0.0.1",
    "public.example:80@localhost",
    "localhost",
    "LOCALHOST",
    "anything.localhost",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
]
LEFT_TO_A_PROXY = [
    "localhost.",
    "localhost..",
    "loc%61lhost",
    "%31%32%37.0.0.1",
    "127.0.0.1%00.example",
    "[::1%25lo]",
    "[unix:/var/run/docker.sock]",
    "unix",
    "instance-data",
    "metadata.google.internal",
    "printer.local",
    "4294967297",
    "1.2.3.4.5",
]


@pytest.mark.parametrize("address", CLOSED)
def test_it_closes_what_is_not_public(address: str) -> None:
    assert not PUBLIC.permits(address)


@pytest.mark.parametrize("address", OPEN)
def test_it_opens_what_is_public(address: str) -> None:
    assert PUBLIC.permits(address)


def test_an_operator_opens_networks_one_by_one() -> None:
    policy = EgressPolicy.from_text(["10.0.0.0/8", "127.0.0.1", " fd00::/8 ", ""])
    assert all(map(policy.permits, ["10.1.2.3", "127.0.0.1", "::ffff:127.0.0.1", "fd00::5"]))
    assert not any(map(policy.permits, ["127.0.0.2", "192.168.0.1", "::1"]))


def test_a_star_opens_everything() -> None:
    assert EgressPolicy.from_text(["*"]).permits("127.0.0.1")


def test_it_says_what_is_not_a_network() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        EgressPolicy.from_text(["nonsense"])


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_gets_through(host: str, server: RawServer) -> None:
    with HttpClient(PUBLIC, timeout_ms=1000) as client, pytest.raises(RequestFailed) as failed:
        client.send(OutgoingRequest("GET", Url.parse(f"http://{host}:{server.port}/").encode()))
    assert failed.value.code == "EGRESS_DENIED"
    assert server.seen == []


@pytest.mark.parametrize("host", [*SPELLINGS, *LEFT_TO_A_PROXY])
def test_no_spelling_gets_through_by_way_of_a_proxy(host: str, server: RawServer) -> None:
    """Nor a name that only the proxy's side of the network may know."""
    with (
        HttpClient(PUBLIC, timeout_ms=1000, proxy=server.url) as client,
        pytest.raises(RequestFailed) as failed,
    ):
        client.send(OutgoingRequest("GET", Url.parse(f"http://{host}/").encode()))
    assert failed.value.code == "EGRESS_DENIED"
    assert server.seen == []


def test_a_public_name_that_only_the_proxy_can_resolve_is_left_to_it(server: RawServer) -> None:
    with HttpClient(PUBLIC, timeout_ms=1000, proxy=server.url) as client:
        client.send(OutgoingRequest("GET", "http://api.shop.invalid/"))
    assert server.last.target == "http://api.shop.invalid:80/"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://host/", "gopher://127.0.0.1:70/", "http://unix:/run/docker.sock:/info"],
)
def test_only_http_leads_anywhere(url: str) -> None:
    with HttpClient(PUBLIC, timeout_ms=1000) as client, pytest.raises(RequestFailed):
        client.send(OutgoingRequest("GET", url))


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/x"])
def test_a_redirect_leads_to_http_alone(location: str) -> None:
    with (
        RawServer(lambda _: response("", "302 Found", f"Location: {location}")) as server,
        HttpClient(EgressPolicy.from_text(["127.0.0.1"])) as client,
        pytest.raises(RequestFailed),
    ):
        client.send(OutgoingRequest("GET", server.url))


def test_the_machines_own_proxies_and_passwords_are_not_used(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login operator password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with HttpClient(EgressPolicy.from_text(["127.0.0.1"])) as client:
        client.send(OutgoingRequest("GET", server.url))
    assert server.last.field("Authorization") is None


def resolving_to(*answers: str) -> tuple[list[str], DnsResolver]:
    """A DNS that gives one answer after the other, the last one again and again."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[Endpoint]:
        address = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, (address, port))]

    return asked, resolver


def test_a_name_for_a_closed_address_is_closed(server: RawServer) -> None:
    _, resolver = resolving_to("127.0.0.1")
    with HttpClient(PUBLIC, resolver=resolver) as client, pytest.raises(RequestFailed) as failed:
        client.send(OutgoingRequest("GET", f"http://public.example:{server.port}/"))
    assert failed.value.code == "EGRESS_DENIED"
    assert "127.0.0.1" not in failed.value.explanation


def test_dns_that_answers_differently_the_second_time_is_not_asked_twice(server: RawServer) -> None:
    allowed = EgressPolicy.from_text(["127.0.0.2"])
    asked, resolver = resolving_to("127.0.0.2", "127.0.0.1")
    with (
        HttpClient(allowed, resolver=resolver, timeout_ms=500) as client,
        pytest.raises(RequestFailed) as failed,
    ):
        client.send(OutgoingRequest("GET", f"http://rebinding.example:{server.port}/"))
    assert failed.value.message == f"connect ECONNREFUSED 127.0.0.2:{server.port}"
    assert asked == ["rebinding.example"]
    assert server.seen == []


def test_of_several_addresses_only_permitted_ones_are_tried(server: RawServer) -> None:
    def resolver(host: str, port: int) -> list[Endpoint]:
        return [(socket.AF_INET, (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    with HttpClient(EgressPolicy.from_text(["127.0.0.1"]), resolver=resolver) as client:
        client.send(OutgoingRequest("GET", f"http://two.example:{server.port}/"))
    assert len(server.seen) == 1


def test_a_redirect_to_a_closed_address_is_not_followed(server: RawServer) -> None:
    def redirect(request: RawRequest) -> bytes:
        return response("", "302 Found", f"Location: http://127.0.0.1:{server.port}/secret")

    def resolver(host: str, port: int) -> list[Endpoint]:
        return (
            [(socket.AF_INET6, ("::1", port))] if host == "open.example" else [(socket.AF_INET, (host, port))]
        )

    with (
        RawServer(redirect, host="::1") as entrance,
        HttpClient(EgressPolicy.from_text(["::1"]), resolver=resolver) as client,
        pytest.raises(RequestFailed) as failed,
    ):
        client.send(OutgoingRequest("GET", f"http://open.example:{entrance.port}/"))
    assert failed.value.code == "EGRESS_DENIED"
    assert server.seen == []


def test_a_token_is_not_fetched_from_a_closed_address(server: RawServer) -> None:
    auth = Auth("oauth2", {"grant_type": "client_credentials", "accessTokenUrl": f"{server.url}/token"})
    with HttpClient(PUBLIC) as client, pytest.raises(RequestFailed):
        client.send(OutgoingRequest("GET", server.url), auth)
    assert server.seen == []


def test_a_proxy_is_not_asked_for_a_closed_address(server: RawServer) -> None:
    with HttpClient(PUBLIC, proxy=server.url) as client:
        for url in ("http://127.0.0.1/", "https://localhost/", "http://169.254.169.254/"):
            with pytest.raises(RequestFailed) as failed:
                client.send(OutgoingRequest("GET", url))
            assert failed.value.code == "EGRESS_DENIED"
    assert server.seen == []
