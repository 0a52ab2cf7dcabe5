"""Messages on the socket between a session and its child: a length of 4 bytes, then JSON in UTF-8."""

from __future__ import annotations

import select
import socket
import struct

HEADER = struct.Struct("!I")
CHUNK = 65536


class MessageTooLong(Exception):
    """A message is longer than its reader allows."""


def frame(text: str) -> bytes:
    """The bytes of one message."""
    body = text.encode()
    return HEADER.pack(len(body)) + body


class Inbox:
    """Splits the received bytes into messages."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        self._bytes += data

    def pop(self, max_bytes: int) -> str | None:
        """The next complete message, or None. Raises MessageTooLong, and UnicodeDecodeError when it is not
        UTF-8."""
        if len(self._bytes) < HEADER.size:
            return None
        (size,) = HEADER.unpack_from(self._bytes)
        if size > max_bytes:
            raise MessageTooLong
        end = HEADER.size + size
        if len(self._bytes) < end:
            return None
        text = self._bytes[HEADER.size : end].decode()
        del self._bytes[:end]
        return text


class ChildChannel:
    """The child's end of the channel. It reads while it waits to write, because its session may be writing
    too."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._inbox = Inbox()
        self._poll = select.poll()

    def send(self, text: str) -> None:
        data = memoryview(frame(text))
        while data:
            try:
                data = data[self._connection.send(data) :]
            except BlockingIOError:
                if self._wait(select.POLLIN | select.POLLOUT, None) & select.POLLIN:
                    self._read()

    def receive(self, milliseconds: int | None) -> str | None:
        """The next message; None when none came in that time. None waits without a limit. Raises EOFError
        when the session has closed the channel."""
        message = self._inbox.pop(2**32)
        if message is None and self._wait(select.POLLIN, milliseconds):
            self._read()
            message = self._inbox.pop(2**32)
        return message

    def _wait(self, events: int, milliseconds: int | None) -> int:
        self._poll.register(self._connection, events)
        return next((event for _, event in self._poll.poll(milliseconds)), 0)

    def _read(self) -> None:
        data = self._connection.recv(CHUNK)
        if not data:
            raise EOFError
        self._inbox.feed(data)
