"""Connects each client of a Unix socket to a child of a sandbox, and relays messages in both directions.

python -m tests.monitors.runner.sandbox.postman.relay SOCKET
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time

from monitors.runner.sandbox import Zygote
from monitors.runner.sandbox.child_connection import ChildConnection
from monitors.runner.sandbox.wire import CHUNK, Inbox, frame

ANY_SIZE = 2**32


def to_child(client: socket.socket, child: ChildConnection) -> None:
    inbox = Inbox()
    with contextlib.suppress(OSError):  # Either side may close at any time.
        while data := client.recv(CHUNK):
            inbox.feed(data)
            while (message := inbox.pop(ANY_SIZE)) is not None:
                child.send(json.loads(message))
    child.close()


def from_child(client: socket.socket, child: ChildConnection) -> None:
    try:
        while True:
            client.sendall(frame(child.receive(ANY_SIZE)))
    except (EOFError, OSError):
        client.close()


def main() -> None:
    with Zygote() as zygote, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        while True:
            client, _ = listener.accept()
            child = zygote.connect()
            child.deadline = time.monotonic() + 3600
            for carry in (to_child, from_child):
                threading.Thread(target=carry, args=(client, child), daemon=True).start()


if __name__ == "__main__":
    main()
