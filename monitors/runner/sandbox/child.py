"""The forked child: runs one session's scripts in the engine that its zygote booted."""

from __future__ import annotations

import json
import os
import socket

from _quickjs import JSException

from .confinement import ChildConfinement
from .engine import Engine
from .wire import ChildChannel

FAILED = "sandbox.failed"


def run_child(engine: Engine, connection: socket.socket, confinement: ChildConfinement, zygote: int) -> None:
    """Serve one session until it closes, then end the process."""
    status = 1
    try:
        channel = ChildChannel(connection)
        engine.send = channel.send
        engine.begin()
        confinement.apply_to_child_of(zygote)
        _serve(engine, channel)
    except EOFError:
        status = 0
    except (JSException, MemoryError) as problem:
        channel.send(json.dumps([FAILED, _message(problem)]))
    finally:
        # Skip Python's shutdown: the child must not flush or finalize anything of the zygote's.
        os._exit(status)


def _message(problem: Exception) -> str:
    """The error's message. The engine throws null when it has no memory left for an error object."""
    message = str(problem)
    return "out of memory" if message.strip() == "null" else message[:1000]


def _serve(engine: Engine, channel: ChildChannel) -> None:
    delay = -1
    while True:
        message = channel.receive(None if delay < 0 else delay)
        if message is not None:
            engine.receive(message)
        delay = engine.tick()
