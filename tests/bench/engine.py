"""Compares the cost of a run: `newman run`, Newman as a library in one warm process, and Postwatch.

    make bench-engine

The three take turns on the same collections and the same local target, so that a slow moment of the machine
affects all of them. CPU time includes child processes. Everything but the target is pinned to one core.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).parent
NEWMAN = ROOT / "node_modules" / ".bin" / "newman"
BATCH = 20
"""Runs of a warm process in one turn: the system counts CPU time in hundredths of a second."""
MAX_MEMORY = 15 * 1024 * 1024
"""Bytes of one concurrent run."""


@dataclass(frozen=True)
class Case:
    name: str
    content: dict[str, Any]
    min_ratio_to_newman_run: float
    min_ratio_to_newman_library: float


@dataclass
class Timings:
    """CPU and wall-clock seconds of one run, with one entry for each turn."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def add(self, cpu: float, wall: float) -> None:
        self.cpu.append(cpu)
        self.wall.append(wall)

    @property
    def median_cpu(self) -> float:
        return statistics.median(self.cpu)

    @property
    def runs_per_second(self) -> float:
        return 1 / statistics.median(self.wall)


class WarmProcess:
    """A process that executes one run for each line on its standard input."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def ask(self, line: str) -> float:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        return float(self.process.stdout.readline())

    def runs(self, collection: Path) -> tuple[float, float]:
        """CPU and wall-clock seconds of one run, the mean of a batch."""
        start = time.perf_counter()
        cpu = sum(self.ask(str(collection)) for _ in range(BATCH))
        return cpu / BATCH, (time.perf_counter() - start) / BATCH

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def newman_run(collection: Path) -> tuple[float, float]:
    start = time.perf_counter()
    process = subprocess.Popen([NEWMAN, "run", collection, "--silent"])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("newman run failed on a collection that should pass.")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start


def measure(collection: Path, rounds: int, library: WarmProcess, ours: WarmProcess) -> dict[str, Timings]:
    runners: dict[str, Callable[[Path], tuple[float, float]]] = {
        "newman run": newman_run,
        "newman library": library.runs,
        "postwatch": ours.runs,
    }
    for run in runners.values():
        run(collection)
    timings = {name: Timings() for name in runners}
    for _ in range(rounds):
        for name, run in runners.items():
            timings[name].add(*run(collection))
    return timings


def report(case: Case, timings: dict[str, Timings]) -> bool:
    ours = timings["postwatch"].median_cpu
    needed = {
        "newman run": case.min_ratio_to_newman_run,
        "newman library": case.min_ratio_to_newman_library,
        "postwatch": 1.0,
    }
    print(f"\n{case.name}")
    print(f"  {'':16}{'CPU per run':>12}{'min':>10}{'max':>10}{'runs/s':>9}{'ratio':>9}{'needed':>9}")
    for name, of in timings.items():
        cpu = [f"{seconds * 1000:.1f} ms" for seconds in (of.median_cpu, min(of.cpu), max(of.cpu))]
        print(
            f"  {name:16}{cpu[0]:>12}{cpu[1]:>10}{cpu[2]:>10}{of.runs_per_second:>9.1f}"
            f"{of.median_cpu / ours:>8.1f}x{needed[name]:>8.0f}x"
        )
    return all(timings[name].median_cpu / ours >= times for name, times in needed.items())


def cases(target: str) -> list[Case]:
    return [
        Case("1 request, 2 tests", collection_of([order_list(target)]), 50, 6),
        Case("20 requests with scripts", collection_of([new_order(target, n) for n in range(20)]), 10, 3),
    ]


def collection_of(items: list[dict[str, Any]]) -> dict[str, Any]:
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return {"info": {"name": "Orders", "schema": schema}, "item": items}


def order_list(target: str) -> dict[str, Any]:
    tests = [
        "pm.test('Status is 200', () => pm.response.to.have.status(200));",
        "pm.test('It responds for orders', () => pm.expect(pm.response.json().path).to.equal('/orders'));",
    ]
    return {
        "name": "List orders",
        "request": {"method": "GET", "url": f"{target}/orders"},
        "event": [{"listen": "test", "script": {"exec": tests}}],
    }


def new_order(target: str, number: int) -> dict[str, Any]:
    before = [f"pm.collectionVariables.set('order', 'order-{number}');"]
    tests = [
        "const body = pm.response.json();",
        "pm.test('Status is 200', () => pm.response.to.have.status(200));",
        "pm.test('The order came', () => pm.expect(body.args.order).to.equal(pm.variables.get('order')));",
        "pm.test('It has its lines', () => pm.expect(body.json.lines).to.have.lengthOf(3));",
    ]
    return {
        "name": f"New order {number}",
        "request": {
            "method": "POST",
            "url": f"{target}/orders?order={{{{order}}}}",
            "header": [{"key": "Content-Type", "value": "application/json"}],
            "body": {"mode": "raw", "raw": '{"lines": [1, 2, 3], "customer": "{{$guid}}"}'},
        },
        "event": [
            {"listen": "prerequest", "script": {"exec": before}},
            {"listen": "test", "script": {"exec": tests}},
        ],
    }


def slow_case(target: str) -> dict[str, Any]:
    """A collection whose concurrent runs overlap, because its second request waits."""
    waiting = order_list(f"{target}/delay/2000")
    waiting["event"][0]["script"]["exec"] = [
        "pm.test('Status is 200', () => pm.response.to.have.status(200));"
    ]
    return collection_of([order_list(target), waiting])


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--concurrent-runs", type=int, default=20)
    args = options.parse_args()

    target_process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.target"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert target_process.stdout
    target = target_process.stdout.readline().strip()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    library = WarmProcess("node", str(HERE / "newman_library.js"))
    ours = WarmProcess(sys.executable, "-m", "tests.bench.postwatch_runs")
    good = True
    try:
        with tempfile.TemporaryDirectory() as folder:
            collection = Path(folder) / "collection.json"
            for case in cases(target):
                collection.write_text(json.dumps(case.content))
                good &= report(case, measure(collection, args.rounds, library, ours))
            collection.write_text(json.dumps(slow_case(target)))
            memory = ours.ask(f"{collection}\t{args.concurrent_runs}")
            good &= memory < MAX_MEMORY
            used = f"{memory / 2**20:.1f} MB (needed: below 15 MB)"
            print(f"\nmemory per run, {args.concurrent_runs} concurrent: {used}")
    finally:
        library.close()
        ours.close()
        target_process.terminate()
        target_process.wait()
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
