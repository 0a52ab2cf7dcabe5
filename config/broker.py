"""Celery's filesystem broker, made safe for several processes.

Kombu's own lets a reader find a message that is still being written, on which a worker dies, and takes a
message by way of the system's temporary folder, which is no atomic move where that is another file system.
"""

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Named by the clock, so that messages are taken in the order in which they came.
        name = f"{time.time_ns()}_{uuid.uuid4()}"
        unfinished = Path(self.data_folder_out, name)
        unfinished.write_text(dumps(payload))
        unfinished.rename(unfinished.with_name(f"{name}.{queue}.msg"))

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        # Celery names a queue and the exchange that leads to it alike. Kombu reads in a file which queue that
        # is, and drops the message when another thread or process is about to write this file.
        if exchange == routing_key:
            return [exchange]
        return list(super()._lookup(exchange, routing_key, default))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            found = Path(self.data_folder_in, name)
            try:
                mine = found.rename(found.with_suffix(".taken"))
            except FileNotFoundError:
                # Another worker was quicker.
                continue
            text = mine.read_text()
            mine.unlink()
            return loads(text)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
