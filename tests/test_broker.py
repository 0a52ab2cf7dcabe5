"""The embedded broker, used from several places at once as the processes of one machine do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue

MESSAGES = 300

# Kombu remembers in the whole process which queues it declared, so each test has its own.


@pytest.fixture
def connect(tmp_path: Path) -> Callable[[], Connection]:
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": tmp_path / "messages",
        "data_folder_out": tmp_path / "messages",
        "control_folder": tmp_path / "control",
        "polling_interval": 0.001,
    }
    return lambda: Connection("filesystem://", transport_options=options)


def take_all(queue: SimpleQueue, patience: float) -> list[int]:
    taken: list[int] = []
    while True:
        try:
            message = queue.get(timeout=patience)
        except Empty:
            return taken
        message.ack()
        taken.append(message.payload)


def test_each_message_is_taken_once(connect: Callable[[], Connection]) -> None:
    def send(start: int) -> None:
        queue = connect().SimpleQueue("shared")
        for number in range(start, start + MESSAGES):
            queue.put(number)

    def take() -> list[int]:
        return take_all(connect().SimpleQueue("shared"), patience=1)

    with ThreadPoolExecutor() as pool:
        takers = [pool.submit(take) for _ in range(3)]
        list(pool.map(send, [0, MESSAGES]))
        taken = [number for taker in takers for number in taker.result()]
    assert sorted(taken) == list(range(2 * MESSAGES))


def test_messages_come_in_the_order_of_sending(connect: Callable[[], Connection]) -> None:
    with connect() as connection:
        queue = connection.SimpleQueue("ordered")
        for number in range(20):
            queue.put(number)
        assert take_all(queue, patience=0.2) == list(range(20))


def test_a_queue_whose_name_ends_like_another_keeps_its_messages(connect: Callable[[], Connection]) -> None:
    with connect() as connection:
        connection.SimpleQueue("runs.eu").put(1)
        assert take_all(connection.SimpleQueue("eu"), patience=0.1) == []
        assert take_all(connection.SimpleQueue("runs.eu"), patience=0.1) == [1]


def test_a_message_is_kept_while_another_process_writes_the_bindings(
    connect: Callable[[], Connection], tmp_path: Path
) -> None:
    with connect() as connection:
        queue = connection.SimpleQueue("bound")
        (tmp_path / "control" / "bound.exchange").unlink()
        queue.put(1)
        assert take_all(queue, patience=0.1) == [1]
