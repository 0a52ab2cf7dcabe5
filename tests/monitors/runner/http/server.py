"""A raw HTTP server: what it answers is bytes, so it can also answer what no HTTP library would."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class RawRequest:
    """A request as it came; `connection` counts the connections of the server from 1."""

    head: str
    body: bytes
    connection: int

    @property
    def line(self) -> str:
        return self.head.split("\r\n")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def fields(self) -> list[tuple[str, str]]:
        lines = self.head.split("\r\n")[1:]
        return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]

    def field(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)


Answer = Callable[[RawRequest], bytes | None]
"""Bytes to send as they are; None closes the connection without an answer."""


def response(body: bytes | str = b"", status: str = "200 OK", *fields: str) -> bytes:
    """A well-formed response."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(content)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def echo(request: RawRequest) -> bytes:
    """Answers with the request's head."""
    return response(request.head)


@dataclass
class RawServer:
    """Serves on a free port, with TLS when it has a context. Used with `with`."""

    answer: Answer = echo
    context: ssl.SSLContext | None = None
    close_after_answer: bool = False
    host: str = "127.0.0.1"
    seen: list[RawRequest] = field(default_factory=list)

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, 0), family=family)
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._connections = 0
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop_connections()

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    @property
    def last(self) -> RawRequest:
        return self.seen[-1]

    def drop_connections(self, with_a_reset: bool = False) -> None:
        """Close every connection, as a server does that restarts."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                if with_a_reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.shutdown(socket.SHUT_RD)
                else:
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections += 1
                arguments = (connection, self._connections)
                threading.Thread(target=self._serve, args=arguments, daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self._open.add(connection)
            for request in _requests(connection, number):
                self.seen.append(request)
                answer = self.answer(request)
                if answer is None:
                    return
                connection.sendall(answer)
                if self.close_after_answer:
                    connection.shutdown(socket.SHUT_WR)
                    return


def _requests(connection: socket.socket, number: int) -> Iterator[RawRequest]:
    stream = connection.makefile("rb")
    while True:
        lines = []
        while (line := stream.readline()) not in (b"\r\n", b""):
            lines.append(line)
        if not lines:
            return
        head = b"".join(lines).decode("latin-1").removesuffix("\r\n")
        length = RawRequest(head, b"", number).field("content-length")
        yield RawRequest(head, stream.read(int(length or 0)), number)
