"""A Postwatch of its own for a test: folder, database, broker and port are new and go away with it."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
import redis
import requests
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T], seconds: float) -> T:
    """The first true value that `look` returns."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"Waited {seconds} s for {what}."
        time.sleep(0.2)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def children_of(pid: int) -> list[int]:
    """All the way down."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *children_of(child)]
    return found


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


class Installation:
    """Starts `module` of the checkout `root` with nothing of this shell's environment but the path."""

    def __init__(
        self,
        module: str,
        folder: Path,
        environment: dict[str, str],
        *,
        root: Path = ROOT,
        python: str = sys.executable,
    ) -> None:
        self.module = module
        self.root = root
        self.python = python
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "output.txt"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONUNBUFFERED": "1",
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            **environment,
        }

    def manage(self, *arguments: str) -> str:
        command = [self.python, "manage.py", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=self.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", self.module],
                env=self.environment,
                cwd=self.root,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for("Postwatch to answer", self._answers, 60)
        except AssertionError:
            self.stop()
            print(self.log.read_text())
            raise

    def _answers(self) -> bool:
        assert self.process.poll() is None, "Postwatch ended."
        try:
            return requests.get(f"{self.url}/accounts/login/", timeout=5).ok
        except requests.RequestException:
            return False

    def pid_of(self, words: str) -> int:
        return next(pid for pid in children_of(self.process.pid) if words in command_of(pid))

    def stop(self) -> list[int]:
        """As Ctrl-C does. Returns the processes that were left over, after killing them."""
        family = [self.process.pid, *children_of(self.process.pid)]
        self.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=40)
        left = [pid for pid in family if is_alive(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left


class Api:
    """The REST API, as a script of a user's would call it."""

    def __init__(self, url: str, key: str) -> None:
        self.url = f"{url}/api/v1"
        self.session = requests.Session()
        self.session.headers["X-Api-Key"] = key

    def get(self, path: str, **parameters: Any) -> Any:
        return self._json(self.session.get(f"{self.url}{path}", params=parameters, timeout=10))

    def post(self, path: str, body: Any = None) -> Any:
        return self._json(self.session.post(f"{self.url}{path}", json=body, timeout=10))

    def patch(self, path: str, body: Any) -> Any:
        return self._json(self.session.patch(f"{self.url}{path}", json=body, timeout=10))

    def delete(self, path: str) -> None:
        assert self.session.delete(f"{self.url}{path}", timeout=10).ok

    def runs(self, monitor: str) -> list[dict[str, Any]]:
        """Newest first."""
        runs: list[dict[str, Any]] = self.get("/runs/", monitor=monitor)["results"]
        return runs

    @staticmethod
    def _json(response: requests.Response) -> Any:
        assert response.ok, f"{response.status_code}: {response.text[:2000]}"
        return response.json()


def settings_for(database: str, broker: str) -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_hex(25),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": broker,
        "EGRESS_ALLOW": "127.0.0.0/8",
        "EMAIL_URL": "consolemail://",
    }


@contextmanager
def production(folder: Path, events_url: str, **more: str) -> Iterator[Installation]:
    """What `make serve` runs. With PostgreSQL and a broker where the suite was given them."""
    with new_database(folder) as database, new_broker() as broker:
        settings = settings_for(database, broker) | {"PAGERDUTY_US_EVENTS_URL": events_url} | more
        installation = Installation("config.processes", folder, settings)
        installation.environment["SITE_URL"] = installation.url
        installation.manage("migrate", "--verbosity", "0")
        installation.manage("collectstatic", "--no-input", "--verbosity", "0")
        installation.start()
        try:
            yield installation
        finally:
            installation.stop()


@contextmanager
def new_database(folder: Path, server_url: str = "") -> Iterator[str]:
    """Its URL: a database on that PostgreSQL server or the suite's, or else an SQLite file."""
    server = urlsplit(server_url or os.environ.get("DATABASE_URL", ""))
    if not server.scheme.startswith("postgres"):
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    name = f"postwatch_{uuid.uuid4().hex}"
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def new_broker() -> Iterator[str]:
    """Its URL: an emptied database of the Redis server in TEST_BROKER_URL, or else the embedded broker.

    Each of pytest's processes takes a database of its own, behind the given one: the queues of two
    installations have the same names.
    """
    given = urlsplit(os.environ.get("TEST_BROKER_URL", ""))
    if not given.scheme:
        yield "filesystem://"
        return
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = given._replace(path=f"/{int(given.path.strip('/') or 0) + process}").geturl()
    redis.Redis.from_url(url).flushdb()
    yield url
