"""No function takes more than linear time for a text, whatever somebody writes into it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from tests.linear.functions import functions
from tests.linear.growth import grows_too_fast

CHARACTERS = 4000
PUMPS = [
    *"a0A.,;:/\\\"'<>{}[]()@&=#?%+-_ \n\t…é",
    '"\\', "{{", "{{a.", "{{a&", "{{a}}", "{}", "[],", "{},", '{"a":', '"a",', "[1,", "//", "/*", "*/",
    "/..", "/a", "a.", "1.", "a=b&", "a&", "a=b; ", "a:b\n", "\r\n", "%41", "%u", "aA", "a\\", "<a", "<a>",
    '"a" <', "a@a.a,", "-----BEGIN A-----", "xn--", "é.", "日本", ":a/", "0:", "00:00:00 ", "ẞ",
    "\0", "\ud800",
]  # fmt: skip
STARTS = ("", "/", '"', "{", "[", "http://", "a=b; ")
FUNCTIONS = functions()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_text_is_read_in_linear_time(name: str) -> None:
    for pump in PUMPS:
        for start in STARTS:
            wrong = grows_too_fast(calling(FUNCTIONS[name], start, pump), CHARACTERS // len(pump))
            assert wrong is None, f"{start!r} + {pump!r} * n: {wrong}"


def calling(function: Callable[[str], object], start: str, pump: str) -> Callable[[int], object]:
    def call(count: int) -> None:
        with contextlib.suppress(Exception):  # refusing is fine, as long as it is quick
            function(start + pump * count)

    return call


def test_the_functions_are_found() -> None:
    assert len(FUNCTIONS) > 80
    assert "monitors.runner.url_encoding.encode_host" in FUNCTIONS
