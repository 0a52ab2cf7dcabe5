"""Nothing is green that is not watched: each part of Postwatch is stopped in its turn.

Home, the monitor's page and the API say so, the owner is mailed, and the dead man's switch is not called. The
tests wait for what takes seconds, and turn the clock for what takes minutes, by moving stored times back.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
import requests

from integrations.pagerduty.standin import StandIn
from tests.dead_mans_switch import Switch
from tests.processes.conftest import Watched, frozen, monitor_of, wait_for_state
from tests.processes.installation import Installation, production, wait_for
from tests.processes.target import Target

pytestmark = pytest.mark.processes

Watch = Callable[..., Watched]
EMAIL = "owner@acme.example"
PASSWORD = "correct horse battery"  # noqa: S105
SET_PASSWORD = f"""
from workspaces.models import User
person = User.objects.get(email={EMAIL!r})
person.set_password({PASSWORD!r})
person.save()
"""
TURN_BACK = """
from datetime import timedelta
from django.db.models import F
from monitors.models import Heartbeat, LateNotice, RegionStatus
span = timedelta(minutes=MINUTES)
def turn_back(rows, *names):
    rows.update(**{name: F(name) - span for name in names})
turn_back(RegionStatus.objects, "since", "late_at")
turn_back(LateNotice.objects, "since", "late_at")
turn_back(LateNotice.objects.over(), "recovered_at")
turn_back(LateNotice.objects.exclude(mailed_at=None), "mailed_at")
turn_back(Heartbeat.objects.exclude(asked_at=None), "asked_at", "message_sent_at")
turn_back(Heartbeat.objects.exclude(seen_at=None), "since", *SEEN)
"""
CALL_SWITCH = "from integrations.tasks import call_heartbeat_url; call_heartbeat_url.delay()"
NOT_RUNNING = "monitors are not running"
RUN_AGAIN = "monitors run again"
TASK_SECONDS = 45
"""Within this time every periodic task has run, but for the call of the switch."""


@pytest.fixture(scope="module")
def switch() -> Iterator[Switch]:
    with Switch() as switch:
        yield switch


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, standin: StandIn, switch: Switch
) -> Iterator[Installation]:
    """With a second region, whose worker a test starts, and a dead man's switch."""
    folder, settings = tmp_path_factory.mktemp("var"), {"REGIONS": "default,far"}
    with production(folder, standin.url, HEARTBEAT_URL=switch.url, **settings) as installation:
        yield installation


@pytest.fixture
def monitor(watch: Watch, target: Target) -> Watched:
    """Up, and run each minute."""
    monitor: Watched = watch(target, cron="* * * * *")
    wait_for_state(monitor, "up", 30)
    return monitor


def turn_back(installation: Installation, minutes: int, *, without_schedule: bool = False) -> None:
    """As if this time had gone by since all that happened, with or without a living schedule."""
    seen = '["seen_at"]' if without_schedule else "[]"
    command = TURN_BACK.replace("MINUTES", str(minutes)).replace("SEEN", seen)
    installation.manage("shell", "--no-imports", "--command", command)


def call_switch(installation: Installation) -> None:
    """What beat does every minute."""
    installation.manage("shell", "--no-imports", "--command", CALL_SWITCH)


def wait_for_log(installation: Installation, words: str, since: int, seconds: float = TASK_SECONDS) -> None:
    wait_for(f"“{words}” in the log", lambda: words in installation.log.read_text()[since:], seconds)


def wait_for_page(session: requests.Session, url: str, words: str) -> None:
    wait_for(f"“{words}” on {url}", lambda: words in session.get(url, timeout=10).text, 20)


@pytest.fixture
def signed_in(installation: Installation, monitor: Watched) -> requests.Session:
    """The owner's browser."""
    installation.manage("shell", "--no-imports", "--command", SET_PASSWORD)
    session = requests.Session()
    url = f"{installation.url}/accounts/login/"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', session.get(url, timeout=10).text)
    assert token
    typed = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    assert session.post(url, typed, headers={"Referer": url}, timeout=10).ok
    return session


def assert_it_says_so(session: requests.Session, monitor: Watched, region: str) -> None:
    """On Home, on the monitor's page and in the API."""
    wait_for_state(monitor, "late", TASK_SECONDS)
    found = monitor_of(monitor)
    assert region in [late["region"] for late in found["late_regions"]]
    home = f"{monitor.api.url.removesuffix('/api/v1')}/w/{found['workspace']}/"
    for url in (home, f"{home}monitors/{monitor.monitor}/"):
        wait_for_page(session, url, f"region {region}")


def assert_the_switch_is_called(installation: Installation, switch: Switch) -> None:
    before = switch.calls

    def is_called() -> bool:
        call_switch(installation)
        return switch.calls > before

    wait_for("a call of the switch", is_called, 60)


def assert_the_switch_is_not_called(installation: Installation, switch: Switch, why: str) -> None:
    since = len(installation.log.read_text())

    def is_logged() -> bool:
        turn_back(installation, 1)
        call_switch(installation)
        return why in installation.log.read_text()[since:]

    wait_for(f"“{why}” in the log", is_logged, 60)
    before = switch.calls
    call_switch(installation)
    assert switch.calls == before


def assert_owners_hear_of_it(installation: Installation, since: int) -> None:
    turn_back(installation, 10)
    wait_for_log(installation, f"Subject: Acme: {NOT_RUNNING}", since)


def assert_all_is_well_again(
    installation: Installation, monitor: Watched, switch: Switch, since: int
) -> None:
    """`since`: where the log ended before."""
    wait_for_state(monitor, "up", 90)

    def is_mailed() -> bool:
        turn_back(installation, 1)
        return f"Subject: Acme: {RUN_AGAIN}" in installation.log.read_text()[since:]

    wait_for("the mail", is_mailed, TASK_SECONDS)
    assert_the_switch_is_called(installation, switch)


def test_a_frozen_worker(
    installation: Installation, monitor: Watched, signed_in: requests.Session, switch: Switch
) -> None:
    assert_the_switch_is_called(installation, switch)
    since = len(installation.log.read_text())
    with frozen(installation, "runs.default"):
        turn_back(installation, 3)
        assert_it_says_so(signed_in, monitor, "default")
        assert_owners_hear_of_it(installation, since)
        assert_the_switch_is_not_called(installation, switch, "No worker of region default answers")
    assert_all_is_well_again(installation, monitor, switch, since)


def test_the_only_worker_of_a_region_is_killed(
    installation: Installation, monitor: Watched, signed_in: requests.Session, switch: Switch
) -> None:
    with worker_of(installation, "far") as worker:
        monitor.api.patch(f"/monitors/{monitor.monitor}/", {"regions": ["default", "far"]})
        monitor.run()
        wait_for("a run in both regions", lambda: regions_that_ran(monitor) == {"default", "far"}, 40)
        assert_the_switch_is_called(installation, switch)
        since = len(installation.log.read_text())
        worker.kill()
        # The other region goes on, so only this one becomes late.
        turn_back(installation, 3)
        monitor.run()
        assert_it_says_so(signed_in, monitor, "far")
        assert_owners_hear_of_it(installation, since)
        assert_the_switch_is_not_called(installation, switch, "No worker of region far answers")
    with worker_of(installation, "far"):
        assert_all_is_well_again(installation, monitor, switch, since)
        monitor.api.patch(f"/monitors/{monitor.monitor}/", {"regions": ["default"]})


def test_a_stopped_schedule(
    installation: Installation, monitor: Watched, signed_in: requests.Session, switch: Switch
) -> None:
    assert_the_switch_is_called(installation, switch)
    since = len(installation.log.read_text())
    with frozen(installation, " beat "):
        calls = switch.calls
        turn_back(installation, 13, without_schedule=True)
        assert_it_says_so(signed_in, monitor, "default")
        # Beat is what calls the switch and has owners mailed, so both wait for it.
        assert switch.calls == calls
        assert NOT_RUNNING not in installation.log.read_text()[since:]
    assert_all_is_well_again(installation, monitor, switch, since)
    assert re.search(r"Region default: 1\d min", installation.log.read_text()[since:])


def test_a_broker_that_loses_the_messages_of_a_region(
    installation: Installation, monitor: Watched, signed_in: requests.Session, switch: Switch
) -> None:
    """The worker is frozen meanwhile, since it would be faster. Afterwards it finds none of the messages."""
    assert_the_switch_is_called(installation, switch)
    since = len(installation.log.read_text())
    with losing_messages(installation, "runs.default"), frozen(installation, "runs.default"):
        turn_back(installation, 3)
        assert_it_says_so(signed_in, monitor, "default")
        assert_owners_hear_of_it(installation, since)
        assert_the_switch_is_not_called(installation, switch, "No worker of region default answers")
    assert_all_is_well_again(installation, monitor, switch, since)


def regions_that_ran(monitor: Watched) -> set[str]:
    return {run["region"] for run in monitor.runs() if run["result"]}


@contextmanager
def worker_of(installation: Installation, region: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The worker line of the Procfile, for another region."""
    options = f"--pool threads --concurrency 2 -n runs-{region}@%h".split()
    options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config",
            "--quiet",
            "worker",
            "-Q",
            f"runs.{region}",
            *options,
        ],
        env=installation.environment | {"REGION": region},
        cwd=installation.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


@contextmanager
def losing_messages(installation: Installation, queue: str) -> Iterator[None]:
    """Whatever is sent to the queue is lost."""
    ended = threading.Event()
    broker = installation.environment["CELERY_BROKER_URL"]
    folder = Path(installation.environment["VAR_DIR"]) / "broker" / "messages"

    def lose() -> None:
        while not ended.wait(0.05):
            if broker.startswith("redis://"):
                redis.Redis.from_url(broker).delete(queue)
            for message in folder.glob(f"*.{queue}.msg"):
                message.unlink(missing_ok=True)

    thread = threading.Thread(target=lose)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
