"""The processes of zygotes and their children: how they start, how they end, and that they leave nothing
behind."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitors.runner.sandbox import SandboxFailed, SandboxLimits, SandboxSession, ScriptOptions, Zygote

from .conftest import RecordingHost, printed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

OPTIONS = ScriptOptions(timeout_ms=60_000)
"""Far more than any script here needs, on a machine that does much else."""


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def zygotes() -> set[int]:
    """Zygote processes that this process started."""
    return {
        pid
        for task in os.listdir("/proc/self/task")
        for pid in map(int, Path(f"/proc/self/task/{task}/children").read_text().split())
        if b"zygote_process" in Path(f"/proc/{pid}/cmdline").read_bytes()
    }


def niceness(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class Started:
    """A zygote and the id of its process."""

    def __init__(self, limits: SandboxLimits = SandboxLimits()) -> None:  # noqa: B008
        before = zygotes()
        self.zygote = Zygote(limits)
        with SandboxSession(self.zygote) as session:
            session.execute("test", "1", {}, OPTIONS, RecordingHost())
        (self.pid,) = zygotes() - before
        assert eventually(lambda: not children_of(self.pid))

    def __enter__(self) -> Started:
        return self

    def __exit__(self, *_: object) -> None:
        self.zygote.close()


def test_it_starts_no_process_until_one_is_needed() -> None:
    before = zygotes()
    with Zygote():
        assert zygotes() == before


def test_a_run_leaves_no_process_descriptor_thread_or_file(
    host: RecordingHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with Started() as started:

        def state() -> tuple[int, int, int, list[str]]:
            gc.collect()  # Garbage of earlier tests must not count on one side only.
            return (
                len(os.listdir("/proc/self/fd")),
                len(os.listdir(f"/proc/{started.pid}/fd")),
                len(children_of(started.pid)),
                os.listdir(tmp_path),
            )

        gc.collect()  # Otherwise sockets of earlier tests might be closed meanwhile.
        before = state()
        for source in (
            "1",
            "for (;;) {}",
            "throw 1",
            "pm.sendRequest('http://a/')",
            "console.log('x'.repeat(1e7))",
            "const all = []; for (;;) { all.push(new Uint8Array(1e7).fill(1)); }",
            "let o = {}; for (let i = 0; i < 2e5; i++) { o = {o}; } pm.environment.set('o', o)",
            "new Blob(['x'.repeat(1e6)]); try { require('fs').writeFileSync('left', 'x') } catch (e) {}",
        ):
            with SandboxSession(started.zygote) as session, contextlib.suppress(SandboxFailed):
                session.execute("test", source, {}, ScriptOptions(timeout_ms=100), host)
        assert eventually(lambda: state() == before), (before, state())
        assert eventually(
            lambda: not [t for t in threading.enumerate() if t.name.startswith("script-request")]
        )


def test_closing_a_session_kills_its_child_even_in_a_loop(host: RecordingHost) -> None:
    with Started() as started:
        session = SandboxSession(started.zygote)
        looping = threading.Thread(
            target=lambda: pytest.raises(
                SandboxFailed, session.execute, "test", "for (;;) {}", {}, OPTIONS, host
            )
        )
        looping.start()
        assert eventually(lambda: len(children_of(started.pid)) == 1)
        time.sleep(0.1)
        session.close()
        assert eventually(lambda: not children_of(started.pid))
        looping.join(60)
        assert not looping.is_alive()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGSEGV, "The script engine crashed (SIGSEGV)."),
        (signal.SIGABRT, "The script engine crashed (SIGABRT)."),
        (signal.SIGKILL, "The script's process was killed, perhaps because the machine ran out of memory."),
    ],
)
def test_a_crash_of_the_engine_fails_only_that_run(host: RecordingHost, number: int, words: str) -> None:
    with (
        Started() as started,
        SandboxSession(started.zygote) as other,
        SandboxSession(started.zygote) as session,
    ):
        session.execute("test", "1", {}, OPTIONS, host)
        os.kill(max(children_of(started.pid)), number)
        with pytest.raises(SandboxFailed) as failure:
            session.execute("test", "1", {}, OPTIONS, host)
        assert str(failure.value) == words
        assert printed(other.execute("test", "console.log('still here')", {}, OPTIONS, host)) == [
            "still here"
        ]
        assert printed(session.execute("test", "console.log('again')", {}, OPTIONS, host)) == ["again"]


def test_a_zygote_that_died_is_started_again(host: RecordingHost) -> None:
    with Started() as started, SandboxSession(started.zygote) as session:
        session.execute("test", "1", {}, OPTIONS, host)
        orphans = children_of(started.pid)
        os.kill(started.pid, signal.SIGKILL)
        assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans))
        with pytest.raises(SandboxFailed):
            session.execute("test", "1", {}, OPTIONS, host)
        assert printed(session.execute("test", "console.log('new')", {}, OPTIONS, host)) == ["new"]


@contextlib.contextmanager
def at_most_descriptors(count: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_zygote_without_a_free_descriptor_fails_new_sessions_alone(host: RecordingHost) -> None:
    in_use = max(map(int, os.listdir("/proc/self/fd")))
    with at_most_descriptors(in_use + 20):
        limited = Started()
    with limited as started, SandboxSession(started.zygote) as neighbor:
        neighbor.execute("test", "1", {}, OPTIONS, host)
        crowd = [SandboxSession(started.zygote) for _ in range(in_use + 20)]
        with pytest.raises(SandboxFailed, match="was lost"):
            crowd[-1].execute("test", "1", {}, OPTIONS, host)
        for session in crowd:
            session.close()
        assert printed(neighbor.execute("test", "console.log(2)", {}, OPTIONS, host)) == ["2"]
        assert eventually(lambda: len(children_of(started.pid)) == 1)
        with SandboxSession(started.zygote) as later:
            assert printed(later.execute("test", "console.log(3)", {}, OPTIONS, host)) == ["3"]


def test_a_worker_without_a_free_descriptor_leaves_the_zygote_alone(host: RecordingHost) -> None:
    with Started() as started, SandboxSession(started.zygote) as neighbor:
        neighbor.execute("test", "1", {}, OPTIONS, host)
        with at_most_descriptors(3), pytest.raises(SandboxFailed) as failure:
            SandboxSession(started.zygote)
        assert str(failure.value) == "The script sandbox cannot start: Too many open files."
        assert printed(neighbor.execute("test", "console.log(1)", {}, OPTIONS, host)) == ["1"]


def test_a_script_that_computes_for_long_gets_the_lowest_priority(host: RecordingHost) -> None:
    with Started() as started, SandboxSession(started.zygote) as neighbor:
        busy = SandboxSession(started.zygote)
        loop = threading.Thread(
            target=lambda: pytest.raises(
                SandboxFailed, busy.execute, "test", "for (;;) {}", {}, OPTIONS, host
            )
        )
        loop.start()
        assert eventually(lambda: 19 in map(niceness, children_of(started.pid)))
        neighbor.execute("test", "1", {}, OPTIONS, host)
        assert sorted(map(niceness, children_of(started.pid))) == [niceness(os.getpid()), 19]
        busy.close()
        loop.join()


def test_scripts_are_the_first_to_be_killed_when_memory_runs_out(host: RecordingHost) -> None:
    with Started() as started, SandboxSession(started.zygote) as session:
        session.execute("test", "1", {}, OPTIONS, host)
        (child,) = children_of(started.pid)
        assert Path(f"/proc/{child}/oom_score_adj").read_text() == "1000\n"


def test_closing_the_zygote_ends_every_process(host: RecordingHost) -> None:
    started = Started()
    sessions = [SandboxSession(started.zygote) for _ in range(3)]
    assert eventually(lambda: len(children_of(started.pid)) == 3)
    children = children_of(started.pid)
    started.zygote.close()
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in (started.pid, *children)))
    for session in sessions:
        session.close()


def test_the_zygote_dies_with_its_parent() -> None:
    script = (
        "import os; from monitors.runner.sandbox import SandboxSession, Zygote;"
        "z = Zygote(); s = SandboxSession(z);"
        "print(z._process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    pid = int(parent.stdout)
    assert eventually(lambda: not Path(f"/proc/{pid}").exists())


def test_each_process_of_a_forked_pool_gets_a_zygote_of_its_own(host: RecordingHost) -> None:
    with Started() as started:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                with SandboxSession(started.zygote) as session:
                    ok = session.execute("test", "1", {}, OPTIONS, host).error is None
                started.zygote.close()
                status = 0 if ok and Path(f"/proc/{started.pid}").exists() else 1
            finally:
                os._exit(status)
        assert os.waitpid(pid, 0)[1] == 0
        with SandboxSession(started.zygote) as session:
            assert session.execute("test", "1", {}, OPTIONS, host).error is None


def test_a_child_has_no_descriptor_but_its_socket(host: RecordingHost) -> None:
    with Started() as started, SandboxSession(started.zygote) as session:
        session.execute("test", "1", {}, OPTIONS, host)
        (child,) = children_of(started.pid)
        assert os.listdir(f"/proc/{child}/fd") == ["0"]
        assert os.readlink(f"/proc/{child}/fd/0").startswith("socket:")
        assert Path(f"/proc/{child}/environ").read_bytes().strip(b"\0") in (b"", b"TZ=UTC")
        status = Path(f"/proc/{child}/status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status
        if os.geteuid() == 0:
            assert "Uid:\t0" not in status
            assert os.readlink(f"/proc/{child}/ns/net") != os.readlink("/proc/self/ns/net")


def test_sessions_of_many_threads_do_not_disturb_one_another(zygote: Zygote) -> None:
    seen: list[str] = []

    def work(number: int) -> None:
        with SandboxSession(zygote) as session:
            outcome = session.execute("test", f"console.log({number} * 2)", {}, OPTIONS, RecordingHost())
            seen.extend(printed(outcome))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, seen)) == [number * 2 for number in range(20)]


def test_it_says_why_it_cannot_start(tmp_path: Path) -> None:
    with Zygote(node_modules=tmp_path) as zygote, pytest.raises(SandboxFailed) as failure:
        SandboxSession(zygote)
    assert str(failure.value).startswith("The script sandbox cannot start: ")
    assert "minified.js" in str(failure.value)
