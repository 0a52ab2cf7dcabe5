"""A secret stays unreadable when something was done to it on its way into a report."""

import base64
import json

import pytest

from monitors.runner.masking import LONGEST_TEXT, MASK, SecretMask
from monitors.runner.recorder import Recorder

SECRET = 'Hunter\'s "two" \\ways+and=on'  # noqa: S105


@pytest.mark.parametrize(
    "spelled", [json.dumps(json.dumps(SECRET))[3:-3], SECRET.lower(), SECRET.replace("+", " ")]
)
def test_other_spellings_are_masked(spelled: str) -> None:
    assert MASK in SecretMask([SECRET]).text(f"<{spelled}>")
    assert "ways" not in SecretMask([SECRET]).text(f"<{spelled}>")


@pytest.mark.parametrize("user", ["a", "ab", "abc"])
def test_basic_credentials_are_masked(user: str) -> None:
    digits = base64.b64encode(f"{user}:hunter2-hunter2".encode()).decode()
    masked = SecretMask(["hunter2-hunter2"]).text(digits)
    assert MASK in masked
    assert len(masked) < len(MASK) + 10


def test_a_secret_cut_by_an_assertion_is_masked() -> None:
    message = "expected 'hunter2-hun…' to equal 'three…'"
    assert SecretMask(["hunter2-hunter2"]).text(message) == f"expected '{MASK}…' to equal 'three…'"


def test_a_secret_cut_at_the_end_of_a_console_line_is_masked() -> None:
    recorder = Recorder("Orders", ["hunter2-hunter2"])
    recorder.console("log", "x" * (LONGEST_TEXT - 8) + "hunter2-hunter2")
    assert recorder.report.console[0].text.endswith(f"x{MASK}…")
