"""No text that somebody sends makes a regular expression of ours take more than linear time."""

from __future__ import annotations

import pytest

from tests.linear.growth import explodes
from tests.linear.patterns import Pattern, patterns

LARGEST = 8192
ALL = patterns()


@pytest.mark.parametrize("pattern", ALL, ids=str)
def test_a_pattern_takes_linear_time_for_whatever_it_is_given(pattern: Pattern) -> None:
    for function in pattern.functions:
        for start, pump, end in pattern.attacks():

            def work(size: int, start: str = start, pump: str = pump, end: str = end) -> None:
                pattern.run(function, start + pump * size + end)  # noqa: B023

            wrong = explodes(work, LARGEST)
            assert wrong is None, f"{function} of {start!r} + {pump!r} * n + {end!r}: {wrong}"


KNOWN_BAD = {
    "exponential": Pattern("", r"(?:a+)+b", 0, ("match",)),
    "quadratic from every start": Pattern("", r"a+b", 0, ("search",)),
    "quadratic with an escape": Pattern("", r'"(?:\\.|[^"\\])*"', 0, ("sub",)),
    "quadratic within one": Pattern("", r"^x[a-z]*,?[a-z]*!", 0, ("match",)),
    "a name before an address": Pattern("", r'(?:"[^"]*"\s*|[^<>,;"@\n]*)<([^<>]*)>', 0, ("sub",)),
}


@pytest.mark.parametrize("name", KNOWN_BAD)
def test_the_attacks_find_a_pattern_that_backtracks(name: str) -> None:
    pattern = KNOWN_BAD[name]
    (function,) = pattern.functions
    assert any(
        explodes(lambda size, parts=parts: pattern.run(function, parts[0] + parts[1] * size + parts[2]), 4096)  # type: ignore[misc]
        for parts in pattern.attacks()
    )


def test_every_pattern_of_the_source_is_tried() -> None:
    assert len(ALL) > 50
    assert {pattern.text for pattern in ALL} >= {r"[,\s]+", r"[\w.:/-]{1,50}"}
