"""Postwatch's engine as a worker holds it.

A line on standard input is one run of the collection in that file; the answer is its CPU seconds, the script
sandbox included. With a tab and a number behind the file it is the bytes of each of that many runs at once.
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


def memory_of_each(zygote: Zygote, path: str, count: int) -> float:
    """What `count` runs at once take in all, worker and sandbox, above what an idle worker takes."""
    run(zygote, path)
    idle = private_bytes()
    threads = [threading.Thread(target=run, args=(zygote, path)) for _ in range(count)]
    for thread in threads:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in threads):
        most = max(most, private_bytes())
        time.sleep(0.02)
    return (most - idle) / count


def main() -> None:
    with Zygote() as zygote:
        for line in sys.stdin:
            path, _, count = line.strip().partition("\t")
            if count:
                print(memory_of_each(zygote, path, int(count)), flush=True)
                continue
            before = cpu_seconds()
            run(zygote, path)
            print(cpu_seconds() - before, flush=True)


if __name__ == "__main__":
    main()
