"""Postwatch's engine in a warm process, as in a worker.

Reads paths of collections from standard input. For each it executes one run and prints its CPU seconds, with
those of the script sandbox. For a path, a tab and a number it executes that many concurrent runs and prints
the bytes of memory of one.
"""

import sys
import threading
import time
from pathlib import Path

from monitors.runner import RunOptions, load_collection, run_collection
from monitors.runner.http import EgressPolicy
from monitors.runner.report import RunResult
from monitors.runner.sandbox import Zygote
from tests.bench.processes import cpu_seconds, private_bytes

ANYWHERE = EgressPolicy(allow_all=True)


def run(zygote: Zygote, path: str) -> None:
    report = run_collection(load_collection(Path(path)), options=RunOptions(), zygote=zygote, egress=ANYWHERE)
    if report.result != RunResult.SUCCESSFUL or not report.totals.assertions:
        raise SystemExit(f"failed: {report}")


def memory_of_one(zygote: Zygote, path: str, count: int) -> float:
    """Bytes of one of `count` concurrent runs, worker and sandbox together, beyond those of an idle
    worker."""
    run(zygote, path)
    idle = private_bytes()
    threads = [threading.Thread(target=run, args=(zygote, path)) for _ in range(count)]
    for thread in threads:
        thread.start()
    peak = 0
    while any(thread.is_alive() for thread in threads):
        peak = max(peak, private_bytes())
        time.sleep(0.02)
    return (peak - idle) / count


def main() -> None:
    with Zygote() as zygote:
        for line in sys.stdin:
            path, _, count = line.strip().partition("\t")
            if count:
                print(memory_of_one(zygote, path, int(count)), flush=True)
                continue
            before = cpu_seconds()
            run(zygote, path)
            print(cpu_seconds() - before, flush=True)


if __name__ == "__main__":
    main()
