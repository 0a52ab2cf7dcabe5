"""Tells linear work from more than linear work, on a machine that has other things to do.

Counted is the CPU time of the thread, not the clock; what looks slow is measured again, and the best counts.
Input that is eight times as long takes a quadratic function 64 times as long: anything above 24 fails.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial

FACTOR = 8
ALLOWED = 24
UNSUSPICIOUS_SECONDS = 0.01
TURNS = 3
SHORT = 64


def seconds(work: Callable[[], object]) -> float:
    gc.disable()  # its turns come more often the more objects there are, of the whole suite
    try:
        started = time.thread_time()
        work()
        return time.thread_time() - started
    finally:
        gc.enable()


def grows_too_fast(work: Callable[[int], object], size: int) -> str | None:
    """What is wrong with work on input of a length and of eight times that; None when it is linear."""
    small, large = seconds(lambda: work(size)), seconds(lambda: work(size * FACTOR))
    for _ in range(TURNS):
        if large < UNSUSPICIOUS_SECONDS or large < ALLOWED * small:
            return None
        small = max(small, seconds(lambda: work(size)))
        large = min(large, seconds(lambda: work(size * FACTOR)))
    return f"{small * 1000:.1f} ms for {size}, {large * 1000:.1f} ms for {size * FACTOR}"


def is_slow(work: Callable[[], object]) -> bool:
    return all(seconds(work) > UNSUSPICIOUS_SECONDS for _ in range(TURNS))


def explodes(work: Callable[[int], object], largest: int) -> str | None:
    """As `grows_too_fast`, for work that may be exponential: small steps up to the first that is slow."""
    size = 8
    while size * FACTOR < largest:
        if is_slow(partial(work, size)):
            return f"more than {UNSUSPICIOUS_SECONDS} s for {size}"
        size += size // 4 if size < SHORT else size
    return grows_too_fast(work, size)
