"""Troubles on demand: each is taken by the next requests to the Events API, in the order given."""

from collections import deque
from dataclasses import dataclass, replace
from threading import Lock
from typing import Literal

from integrations.pagerduty.standin.rules import Json


@dataclass(frozen=True)
class Fault:
    """`drop` closes the connection without an answer: True before the event is taken, "after" when it was."""

    status: int | None = None
    times: int = 1
    retry_after: int | None = None
    errors: tuple[str, ...] = ("Invalid routing key",)
    drop: bool | Literal["after"] = False
    delay_ms: int = 0


class Faults:
    """The list of troubles still to come."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queue: deque[Fault] = deque()

    def add(self, faults: list[Json]) -> None:
        """Raises ValueError, in words for the caller, when one of them is not a fault."""
        parsed = [parse_fault(fault) for fault in faults]
        with self._lock:
            self._queue.extend(parsed)

    def take(self) -> Fault | None:
        with self._lock:
            if not self._queue:
                return None
            fault = self._queue.popleft()
            if fault.times > 1:
                self._queue.appendleft(replace(fault, times=fault.times - 1))
            return fault

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    def __len__(self) -> int:
        with self._lock:
            return sum(fault.times for fault in self._queue)


def parse_fault(fault: object) -> Fault:
    allowed = Fault.__dataclass_fields__
    if not isinstance(fault, dict) or not set(fault) <= set(allowed):
        raise ValueError(f"A fault is an object with some of: {', '.join(allowed)}.")
    for name in ("status", "times", "retry_after", "delay_ms"):
        if not isinstance(fault.get(name, 0), int):
            raise ValueError(f"A fault's {name} is a whole number.")
    if fault.get("drop", False) not in (True, False, "after"):
        raise ValueError('A fault\'s drop is true, false or "after".')
    if not isinstance(fault.get("errors", []), list):
        raise ValueError("A fault's errors are a list of sentences.")
    if "errors" in fault:
        fault = fault | {"errors": tuple(fault["errors"])}
    return Fault(**fault)
