"""The operator's limits hold for the scripts of a run."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from monitors.runner.sandbox import SandboxFailed, SandboxSession, ScriptOptions, Zygote
from monitors.worker import zygote
from tests.monitors.runner.sandbox.conftest import RecordingHost

FILL_64_MB = "const all = []; for (let i = 0; i < 64; i++) all.push(new Uint8Array(1024 * 1024).fill(1))"
PRINT_2_MB = "console.log('x'.repeat(2 * 1024 * 1024))"
LOOP = "for (;;) {}"


@pytest.fixture
def fresh_zygote(settings: Settings) -> Iterator[None]:
    """Settings changed in the test are those of the zygote that it gets."""
    zygote.cache_clear()
    yield
    zygote().close()
    zygote.cache_clear()


def problem(running: Zygote, source: str) -> str | None:
    """Why the script did not end well."""
    with SandboxSession(running) as session:
        try:
            outcome = session.execute("test", source, {}, ScriptOptions(timeout_ms=20_000), RecordingHost())
        except SandboxFailed as failure:
            return str(failure)
    return outcome.error.message if outcome.error else None


@pytest.mark.usefixtures("fresh_zygote")
@pytest.mark.parametrize(
    ("name", "value", "source", "says"),
    [
        ("SANDBOX_MEMORY_MB", 48, FILL_64_MB, "out of memory"),
        ("SANDBOX_OUTPUT_MB", 1, PRINT_2_MB, "more than 1048576 bytes"),
        ("SANDBOX_CPU_SECONDS", 1, LOOP, "more than 1 seconds of CPU time"),
    ],
)
def test_a_script_that_needs_more_ends(
    settings: Settings, name: str, value: int, source: str, says: str
) -> None:
    setattr(settings, name, value)
    assert says in (problem(zygote(), source) or "")


@pytest.mark.parametrize("source", [FILL_64_MB, PRINT_2_MB])
def test_the_defaults_are_enough_for_it(source: str) -> None:
    assert problem(zygote(), source) is None
