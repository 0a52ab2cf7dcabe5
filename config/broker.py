"""The filesystem broker of Celery, made safe for several processes.

With Kombu's transport a reader can find a message that is still being written, on which a worker dies. It
also moves messages through the system's temporary folder, which is not atomic across file systems.
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
    def _put(self, queue: str, payload: object, **kwargs: object) -> None:  # type: ignore[override]
        # The name begins with the time, so that messages are read in the order in which they came.
        name = f"{time.time_ns()}_{uuid.uuid4()}"
        unfinished = Path(self.data_folder_out, name)
        unfinished.write_text(dumps(payload))
        unfinished.rename(unfinished.with_name(f"{name}.{queue}.msg"))

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        # Celery gives a queue and its exchange the same name. Kombu would read the queue from a file, and
        # drop the message while another thread or process writes that file.
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
                # Another worker was faster.
                continue
            text = mine.read_text()
            mine.unlink()
            return loads(text)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
