"""Runs the processes of the Procfile together, as `make serve` does: `python -m config.processes`.

One that ends is started again, so that a killed worker comes back; one that cannot even start ends them all.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

import environ

ROOT = Path(__file__).resolve().parent.parent
STARTUP_SECONDS = 10
GRACE_SECONDS = 20
"""How long runs in progress may take to end; what is cut off then is run again when its lease is over."""


def say(text: str) -> None:
    # Once the terminal was closed there is nobody to tell, and still everything to stop.
    with suppress(OSError):
        print(text, flush=True)


def procfile() -> dict[str, str]:
    """The name and the shell command of each process."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines if line)}


class Process:
    """One command in a process group of its own, so that the terminal's Ctrl-C reaches only ourselves."""

    def __init__(self, name: str, command: str) -> None:
        self.name = name
        self.command = command

    def start(self) -> None:
        self.started = time.monotonic()
        self.child = subprocess.Popen(f"exec {self.command}", shell=True, cwd=ROOT, start_new_session=True)

    def has_ended(self) -> bool:
        return self.child.poll() is not None

    def could_not_start(self) -> bool:
        """Whether it gave up by itself soon after its start; one that was killed had no say in it."""
        return self.child.returncode > 0 and time.monotonic() - self.started < STARTUP_SECONDS

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, number)


class Supervisor:
    def __init__(self, commands: Mapping[str, str]) -> None:
        self.processes = [Process(name, command) for name, command in commands.items()]
        self.stops_asked_for = 0

    def run(self) -> int:
        """Keeps the processes running until a signal asks to stop; returns the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        started: list[Process] = []
        try:
            for process in self.processes:
                process.start()
                started.append(process)
            return self._watch()
        finally:
            self._stop(started)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stops_asked_for += 1

    def _watch(self) -> int:
        while not self.stops_asked_for:
            for process in self.processes:
                if process.has_ended():
                    status = process.child.returncode
                    if process.could_not_start():
                        say(f"{process.name} could not start (exit status {status}); see its lines above.")
                        return 1
                    say(f"{process.name} ended (exit status {status}) and is started again.")
                    process.start()
            time.sleep(0.2)
        return 0

    def _stop(self, processes: list[Process]) -> None:
        """Lets each end by itself; a second Ctrl-C or the end of the grace period kills what is left."""
        for process in processes:
            process.send(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while not all(process.has_ended() for process in processes):
            if self.stops_asked_for > 1 or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        for process in processes:
            process.send(signal.SIGKILL)
            process.child.wait()


def prepare_environment() -> None:
    """Gives the commands what they use: the names of `.env`, the port, this interpreter's programs."""
    environ.Env.read_env(ROOT / ".env")
    os.environ.setdefault("PORT", "8000")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


if __name__ == "__main__":
    prepare_environment()
    say(f"Postwatch starts on port {os.environ['PORT']}. Ctrl-C stops it.")
    sys.exit(Supervisor(procfile()).run())
