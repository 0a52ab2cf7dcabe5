"""What Celery's worker does around a task."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connection

from config.celery import app

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS_OF_PYTHONS_TURN = 0.005


@pytest.fixture
def backends() -> Iterator[list[int]]:
    """The PostgreSQL processes that served the task `tests.ask`, one for each time that it ran."""
    if connection.vendor != "postgresql":
        pytest.skip("Only connections to PostgreSQL are worth keeping.")
    seen: list[int] = []

    @app.task(name="tests.ask")
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            seen.append(cursor.fetchone()[0])

    yield seen
    app.tasks.unregister("tests.ask")


def ask(backends: list[int]) -> int:
    """Runs the task; returns which process of PostgreSQL served it."""
    before = len(backends)
    task = app.tasks["tests.ask"]
    task.delay()
    deadline = time.monotonic() + 10
    while len(backends) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    return backends[-1]


def test_tasks_share_a_database_connection(backends: list[int]) -> None:
    with start_worker(app, perform_ping_check=False):
        assert ask(backends) == ask(backends)


def test_a_connection_that_the_database_closed_is_opened_anew(backends: list[int]) -> None:
    with start_worker(app, perform_ping_check=False):
        first = ask(backends)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [first])
        assert ask(backends) != first


def test_a_run_that_computes_hands_over_to_others_more_often_than_pythons_threads_do() -> None:
    """Told by the setting: how long others then wait depends on whatever else the machine does."""
    start = "from config.celery import app; from celery.signals import worker_init; worker_init.send(app)"
    show = "import sys; print(sys.getswitchinterval())"
    done = subprocess.run([sys.executable, "-c", f"{start}; {show}"], capture_output=True, check=True)
    assert float(done.stdout) <= SECONDS_OF_PYTHONS_TURN / 5
