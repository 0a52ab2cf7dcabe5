from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest

from monitors.runner.http import EgressPolicy, HttpClient, OutgoingRequest, RequestFailed
from monitors.runner.http.message import IncomingResponse
from tests.monitors.runner.http.server import RawServer, response

TEXT = b"hello world" * 50
GZIP = gzip.compress(TEXT, mtime=0)
RAW_DEFLATE = zlib.compress(TEXT, wbits=-15)


def get(client: HttpClient, encoding: str, body: bytes, method: str = "GET") -> IncomingResponse:
    answer = response(body, "200 OK", f"Content-Encoding: {encoding}")
    with RawServer(lambda _: answer) as server:
        return client.send(OutgoingRequest(method, server.url)).response


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", GZIP),
        (" GZIP ", GZIP),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW_DEFLATE),
        ("br", brotli.compress(TEXT)),
        ("identity", TEXT),
        ("", TEXT),
        ("zstd, or what they call it", TEXT),
    ],
)
def test_it_decodes(client: HttpClient, encoding: str, body: bytes) -> None:
    received = get(client, encoding, body)
    assert (received.body, received.body_size, received.truncated) == (TEXT, len(body), False)


def test_it_reads_all_members_of_a_gzip(client: HttpClient) -> None:
    assert get(client, "gzip", GZIP + GZIP).body == TEXT + TEXT


def test_it_is_content_with_a_gzip_cut_short(client: HttpClient) -> None:
    assert get(client, "gzip", GZIP[:-8]).body == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_empty_body_needs_no_decoding(client: HttpClient, encoding: str) -> None:
    assert get(client, encoding, b"").body == b""


@pytest.mark.parametrize(
    ("encoding", "body", "code", "message"),
    [
        ("gzip", b"nope", "Z_DATA_ERROR", "incorrect header check"),
        ("gzip", GZIP + b"junk", "Z_DATA_ERROR", "incorrect header check"),
        ("gzip", GZIP[:-8] + bytes(8), "Z_DATA_ERROR", "incorrect data check"),
        ("deflate", b"\xff\xff\xff\xff", "Z_DATA_ERROR", "invalid block type"),
        ("br", b"", "Z_BUF_ERROR", "unexpected end of file"),
        ("br", brotli.compress(TEXT)[:-1], "Z_BUF_ERROR", "unexpected end of file"),
    ],
)
def test_broken_data_fails_as_in_node(
    client: HttpClient, encoding: str, body: bytes, code: str, message: str
) -> None:
    with pytest.raises(RequestFailed) as failed:
        get(client, encoding, body)
    assert (failed.value.code, failed.value.message) == (code, message)


@pytest.mark.parametrize(
    "compress", [gzip.compress, zlib.compress, brotli.compress], ids=["gzip", "deflate", "br"]
)
def test_a_bomb_is_cut_at_the_limit(
    compress: Callable[[bytes], bytes], request: pytest.FixtureRequest
) -> None:
    bomb = compress(bytes(20_000_000))
    encoding = request.node.callspec.id
    with HttpClient(EgressPolicy(allow_all=True), max_response_bytes=1000) as client:
        received = get(client, encoding, bomb)
    assert (received.body, received.truncated) == (bytes(1000), True)


def test_a_body_of_just_the_limit_is_whole() -> None:
    with HttpClient(EgressPolicy(allow_all=True), max_response_bytes=len(TEXT)) as client:
        received = get(client, "gzip", GZIP)
    assert (received.body, received.truncated) == (TEXT, False)
