"""What is imported by its address; the whole form is in test_collection_pages.py."""

import json
import time
from collections.abc import Iterator

import pytest

from monitors import downloading
from monitors.downloading import download
from monitors.importing import ImportRefused
from tests.factories import CONTENT
from tests.monitors.runner.http.server import RawRequest, RawServer, response
from tests.monitors.runner.http.test_hostile_servers import dripping


@pytest.fixture
def server() -> Iterator[RawServer]:
    def answer(request: RawRequest) -> bytes:
        path = request.target
        if path == "/moved":
            return response("", "302 Found", "Location: /orders%20v2.json")
        if path == "/inside":
            return response("", "302 Found", "Location: http://169.254.169.254/latest")
        if path == "/gone":
            return response("", "410 Gone")
        return response(json.dumps(CONTENT))

    with RawServer(answer) as raw_server:
        yield raw_server


def refusal(url: str) -> str:
    with pytest.raises(ImportRefused) as refused:
        download(url)
    return str(refused.value)


def test_it_follows_redirects_and_encodes_the_address(server: RawServer) -> None:
    assert json.loads(download(f"{server.url}/moved")) == CONTENT
    assert json.loads(download(f"{server.url}/orders v2.json")) == CONTENT
    assert [seen.target for seen in server.seen] == ["/moved", "/orders%20v2.json", "/orders%20v2.json"]


def test_it_says_what_the_address_answered(server: RawServer) -> None:
    assert refusal(f"{server.url}/gone") == "The server responded with 410 Gone."


def test_it_goes_to_no_private_address_by_a_redirect_either(server: RawServer) -> None:
    for url in ("http://10.0.0.1/collection.json", f"{server.url}/inside"):
        assert "private, local or reserved address" in refusal(url)


def test_what_is_too_large_is_refused(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "MAX_IMPORT_BYTES", 10)
    assert "larger than 20 MB" in refusal(server.url)


def test_a_server_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "DOWNLOAD_TIMEOUT_SECONDS", 0.4)
    started = time.monotonic()
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.05) as dripper:
        refusal(dripper.url)
    assert time.monotonic() - started < 10


NO_ADDRESSES = ["", "orders.json", "file:///etc/passwd", "ftp://example.com/a", "http:x"]
NOWHERE = ["http://", "http://[", "http://:80", "http://a b/", "http://{{host}}/"]
NO_SERVERS = ["http://127.0.0.1:1/", "http://127.0.0.1:99999/", "http://127.0.0.1:x/"]


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_an_address_begins_with_its_scheme(url: str) -> None:
    assert "begins with https:// or http://" in refusal(url)


@pytest.mark.parametrize("url", NOWHERE + NO_SERVERS)
def test_an_address_that_leads_nowhere_is_explained(url: str) -> None:
    assert refusal(url).startswith("The address could not be reached.")
