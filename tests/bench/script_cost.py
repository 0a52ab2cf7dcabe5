"""Measures the CPU time of scripts: that of the zygote's forks, and that of the children that run the
scripts.

    python -m tests.bench.script_cost

Each row opens sandboxes one after another, runs its scripts in each, and prints the average for one sandbox.
The zygote forks and reaps the child; `faults` are the memory pages that a child copied or mapped.
"""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from monitors.runner.sandbox import SandboxSession, ScriptOptions, Zygote
from tests.bench.processes import Usage, children, usage
from tests.monitors.runner.sandbox.conftest import RecordingHost

CONTEXT = {
    "request": {"url": "http://localhost/", "method": "GET"},
    "response": {"code": 200, "status": "OK", "stream": b"{}"},
}
OPTIONS = ScriptOptions(timeout_ms=5000)
ONE_TEST = "pm.test('Status is 200', () => pm.response.to.have.status(200))"


@dataclass(frozen=True)
class Case:
    name: str
    scripts: int
    source: str


CASES = [
    Case("no script", 0, ""),
    Case("1 empty script", 1, ""),
    Case("1 script with a test", 1, ONE_TEST),
    Case("10 scripts with a test", 10, ONE_TEST),
    Case("40 scripts with a test", 40, ONE_TEST),
]


def run_scripts(session: SandboxSession, case: Case) -> None:
    for _ in range(case.scripts):
        outcome = session.execute("test", case.source, CONTEXT, OPTIONS, RecordingHost())
        if outcome.error or not all(assertion["passed"] for assertion in outcome.assertions):
            raise SystemExit(f"The script failed: {outcome}")


def measure(zygote: Zygote, pid: int, case: Case, sessions: int) -> Usage:
    """The average usage of the zygote and of its child for one session."""
    before = usage(pid)
    for _ in range(sessions):
        with SandboxSession(zygote) as session:
            run_scripts(session, case)
    while children(pid):  # Their usage counts once the zygote has waited for them.
        time.sleep(0.01)
    return (usage(pid) - before) / sessions


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sessions", type=int, default=100, help="sandboxes opened for each row")
    sessions = options.parse_args(arguments).sessions

    print(f"{'ms of CPU a sandbox':24}{'zygote':>16}{'':>8}{'child':>8}{'':>8}{'':>8}")
    print(f"{'':24}{'user':>8}{'system':>8}{'user':>8}{'system':>8}{'faults':>8}")
    with Zygote() as zygote:
        with SandboxSession(zygote) as session:
            run_scripts(session, CASES[-1])
        [pid] = children(os.getpid())
        for case in CASES:
            cost = measure(zygote, pid, case, sessions)
            times = (cost.user, cost.system, cost.children_user, cost.children_system)
            print(f"{case.name:24}" + "".join(f"{seconds * 1000:8.1f}" for seconds in times), end="")
            print(f"{cost.children_faults:8.0f}", flush=True)


if __name__ == "__main__":
    main()
