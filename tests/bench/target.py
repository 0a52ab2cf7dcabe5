"""The benchmarks' target in a process of its own: prints its address and serves until it is ended."""

import threading

from tests.monitors.runner.target import Target

if __name__ == "__main__":
    with Target() as target:
        print(target.url, flush=True)
        threading.Event().wait()
