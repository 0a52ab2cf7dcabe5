"""Decodes compressed bodies piece by piece, and never more than a limit.

As lenient as postman-request: gzip may be cut short and `deflate` may come without its zlib frame; an
encoding that is not known is left as it is.
"""

from __future__ import annotations

import zlib
from typing import Protocol

from monitors.runner.http.failures import failure


class Decoder(Protocol):
    """Undoes one content encoding. `limit` is in bytes of output. Raises RequestFailed for broken data."""

    def decode(self, data: bytes, limit: int) -> bytes: ...

    def finish(self) -> None: ...


class Identity:
    """Leaves data as it is, up to the limit."""

    def decode(self, data: bytes, limit: int) -> bytes:
        return data[:limit]

    def finish(self) -> None:
        pass


class Gzip:
    """Decodes any number of gzip members, one after the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def decode(self, data: bytes, limit: int) -> bytes:
        decoded = bytearray()
        while data and len(decoded) < limit:
            if self._member.eof:
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            decoded += _inflate(self._member, data, limit - len(decoded))
            data = self._member.unused_data
        return bytes(decoded)

    def finish(self) -> None:
        pass


class Deflate:
    """Decodes deflate with a zlib frame, or without one, as some old servers send it."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None

    def decode(self, data: bytes, limit: int) -> bytes:
        if not data:
            return b""
        if self._stream is None:
            framed = data[0] & 0x0F == 8
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)
        return _inflate(self._stream, data, limit)

    def finish(self) -> None:
        pass


class Brotli:
    """Decodes brotli, which must end properly."""

    def __init__(self) -> None:
        import brotli  # compiled, and few servers use it for clients like ours

        self._stream = brotli.Decompressor()
        self._error = brotli.error

    def decode(self, data: bytes, limit: int) -> bytes:
        try:
            decoded = self._stream.process(data, output_buffer_limit=limit)
            while len(decoded) < limit and not self._stream.can_accept_more_data():
                decoded += self._stream.process(b"", output_buffer_limit=limit - len(decoded))
        except self._error:
            raise failure("ERR_BROTLI", "Decompression failed") from None
        return bytes(decoded[:limit])

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise failure("Z_BUF_ERROR", "unexpected end of file")


DECODERS: dict[str, type[Decoder]] = {"gzip": Gzip, "deflate": Deflate, "br": Brotli}


def decoder_for(content_encoding: str) -> Decoder:
    """The decoder for the value of a Content-Encoding header."""
    return DECODERS.get(content_encoding.strip().lower(), Identity)()


def _inflate(stream: zlib._Decompress, data: bytes, limit: int) -> bytes:
    try:
        return stream.decompress(data, limit)
    except zlib.error as error:
        # "Error -3 while decompressing data: incorrect header check"; Node gives only the last part.
        raise failure("Z_DATA_ERROR", str(error).rpartition(": ")[2]) from None
