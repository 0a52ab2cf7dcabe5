"""A secret is masked in reports even if it was transformed before."""

import base64
import json
import time

import pytest

from monitors.runner.masking import MASK, MAX_TEXT, SecretMask
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
    recorder.console("log", "x" * (MAX_TEXT - 8) + "hunter2-hunter2")
    assert recorder.report.console[0].text.endswith(f"x{MASK}…")


def test_overlapping_secrets_are_masked_completely() -> None:
    mask = SecretMask(["hunter2", "hunter2-hunter2", "my-hunter2-hunter2"])
    assert mask.text("my-hunter2-hunter2 hunter2-hunter2 hunter2") == f"{MASK} {MASK} {MASK}"


def test_each_of_many_secrets_is_masked_and_all_else_is_kept() -> None:
    secrets = [f"secret-{number:03}-{'x' * 1000}" for number in range(100)]
    text = " and ".join(f"'{secret[:20]}…'" for secret in secrets)
    assert SecretMask(secrets).text(text) == " and ".join([f"'{MASK}…'"] * 100)
    assert SecretMask(secrets).text("sec… secret-1000 …") == "sec… secret-1000 …"


def test_a_text_of_ellipses_is_masked_quickly() -> None:
    mask = SecretMask([f"{number:04}{'x' * 1000}" for number in range(100)])
    started = time.process_time()
    mask.text("0001…" * 2000)
    mask.text("0001" * 2500 + "…")
    assert time.process_time() - started < 1


SHORT = ["true", "test", "1234", "prod"]


@pytest.mark.parametrize(
    "text",
    [
        "test of the status", "Status is true", "expected true to equal false", "tests and untrue",
        "12345 of 1234 a", "production", "prod-eu", "Reads a test order",
        "http://test.example.com/testing?contest=truest",
    ],
)  # fmt: skip
def test_a_short_secret_that_is_a_word_too_leaves_a_sentence_alone(text: str) -> None:
    assert SecretMask(SHORT).text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("true", MASK),
        ("expected 'test' to equal 'x'", f"expected '{MASK}' to equal 'x'"),
        ('{"pin":"1234","on":true,"at": prod}', f'{{"pin":"{MASK}","on":{MASK},"at": {MASK}}}'),
        ("http://u:1234@host/test/a?pin=1234&on=true", f"http://u:{MASK}@host/{MASK}/a?pin={MASK}&on={MASK}"),
        ("pin=1234; on=true", f"pin={MASK}; on={MASK}"),
        ('"1234" and 1234 and `1234`', f'"{MASK}" and 1234 and `{MASK}`'),
        ("/test/test/contest", f"/{MASK}/{MASK}/contest"),
    ],
)
def test_a_short_secret_is_masked_where_it_is_the_whole_value(text: str, masked: str) -> None:
    assert SecretMask(SHORT).text(text) == masked


def test_a_short_secret_that_a_script_prints_is_masked() -> None:
    recorder = Recorder("Orders", ["1234"])
    recorder.console("log", "The pin is 1234")
    recorder.console("stage", "Running 1234 tests of 1234")
    assert [line.text for line in recorder.report.console] == [
        f"The pin is {MASK}",
        "Running 1234 tests of 1234",
    ]


def test_each_of_thousands_of_secrets_is_masked() -> None:
    secrets = [f"{number:05}-of-the-shop" for number in range(3000)]
    mask = SecretMask(secrets)
    assert mask.text(" ".join(secrets[:400])) == " ".join([MASK] * 400)
    started = time.process_time()
    for number in range(200):
        assert mask.text(f"line {number}: nothing secret is here") == f"line {number}: nothing secret is here"
    assert time.process_time() - started < 1
