"""Faults on demand: each applies to the next requests to the Events API, in the order given."""

from collections import deque
from dataclasses import dataclass, replace
from threading import Lock
from typing import Literal


@dataclass(frozen=True)
class Fault:
    """How the stand-in fails.

    `times` is the number of requests; `drop` closes the connection without a response: True before the event
    is processed, "after" once it was.
    """

    status: int | None = None
    times: int = 1
    retry_after: int | None = None
    errors: tuple[str, ...] = ("Invalid routing key",)
    drop: bool | Literal["after"] = False
    delay_ms: int = 0


class Faults:
    """The queue of faults to come."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queue: deque[Fault] = deque()

    def add(self, faults: list[object]) -> None:
        """Raises ValueError with a sentence for the caller if one of them is not a fault."""
        parsed = [parse_fault(fault) for fault in faults]
        with self._lock:
            self._queue.extend(parsed)

    def take(self) -> Fault | None:
        """The fault of the next request; None if it succeeds."""
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
    """Raises ValueError with a sentence for the caller."""
    allowed = Fault.__dataclass_fields__
    if not isinstance(fault, dict) or not set(fault) <= set(allowed):
        raise ValueError(f"A fault must be an object with some of: {', '.join(allowed)}.")
    for name in ("status", "times", "retry_after", "delay_ms"):
        if not isinstance(fault.get(name, 0), int):
            raise ValueError(f"A fault's {name} must be an integer.")
    if fault.get("drop", False) not in (True, False, "after"):
        raise ValueError('A fault\'s drop must be true, false or "after".')
    if not isinstance(fault.get("errors", []), list):
        raise ValueError("A fault's errors must be a list of strings.")
    if "errors" in fault:
        fault = fault | {"errors": tuple(fault["errors"])}
    return Fault(**fault)
