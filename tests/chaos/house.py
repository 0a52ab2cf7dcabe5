"""Postwatch's own processes, and the two servers that they talk to."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from tests.chaos.services import answers, free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent


class Process:
    """A command in a session of its own, so that a kill takes what it started too."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


class House:
    """Workers, dispatchers and schedulers with one environment."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self.environment, self.logs = environment, logs
        self.workers: list[Process] = []
        self.schedulers: list[Process] = []

    def add_workers(self, count: int) -> None:
        for n in range(count):
            self.workers.append(
                self._celery(f"worker{n}", "worker", "-Q", "runs.default", "--concurrency", "16")
            )
            self.workers.append(
                self._celery(f"dispatch{n}", "worker", "-Q", "default", "--concurrency", "16")
            )

    def add_schedulers(self, count: int) -> None:
        for n in range(count):
            self.schedulers.append(
                self._celery(f"beat{n}", "beat", "--schedule", str(self.logs / f"beat{n}"))
            )

    def keep_one_of_each(self) -> None:
        """What `make serve` starts on one machine."""
        for process in self.workers[2:] + self.schedulers[1:]:
            process.kill()
        del self.workers[2:], self.schedulers[1:]

    def _celery(self, name: str, *arguments: str) -> Process:
        worker = ["--pool", "threads", "-n", f"{name}@chaos"]
        worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        command = [sys.executable, "-m", "celery", "-A", "config", *arguments]
        command += worker if arguments[0] == "worker" else []
        return Process(name, command, self.environment, self.logs / f"{name}.log")

    def stop(self) -> None:
        for process in self.workers + self.schedulers:
            process.kill()


class PagerDuty:
    """The stand-in as a process, so that it can be taken down like the real one."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "manage.py", "pagerduty_standin", "--port", str(self.port)]
        command += ["--journal", str(folder / "pagerduty.jsonl")]
        self.process = Process("pagerduty", command, environment, folder / "pagerduty.log")
        self.wait()

    @property
    def is_up(self) -> bool:
        return answers(self.port)

    def wait(self) -> None:
        wait_for("The PagerDuty stand-in", lambda: answers(self.port))

    def down_for(self, seconds: float) -> None:
        self.process.kill()
        time.sleep(seconds)
        self.process.start()
        self.wait()

    def add_faults(self, *faults: dict[str, Any]) -> None:
        requests.post(f"{self.url}/faults", json=list(faults), timeout=10).raise_for_status()

    def forget_faults(self) -> None:
        """Those that nobody has run into yet would else trouble whatever comes next."""
        self.down_for(0)

    def get(self, name: str) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/{name}.json", timeout=60).json()
        found: list[dict[str, Any]] = answer[name] if isinstance(answer, dict) else answer
        return found


class Shop:
    """The target: /<n> is broken or not, as is decided here."""

    def __init__(self, count: int) -> None:
        self.broken = [False] * count
        self._hits = itertools.count()
        self.hits = 0

    def flip(self, number: int) -> None:
        self.broken[number] = random.random() < 0.5

    @contextmanager
    def serve(self) -> Iterator[str]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                shop.hits = next(shop._hits) + 1
                broken = shop.broken[int(self.path.strip("/"))]
                body = json.dumps({"ok": not broken}).encode()
                self.send_response(500 if broken else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        server.server_close()
        thread.join()
