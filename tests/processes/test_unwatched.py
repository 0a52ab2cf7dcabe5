"""Nothing is green that is not watched: each part of Postwatch is stopped in its turn.

Home, the monitor's page and the API say so, the owner is mailed, and the dead man's switch is not called. The
tests wait for what takes seconds, and turn the clock for what takes minutes, by moving stored times back.
"""

import re
import subprocess
import sys
import threading
import time
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

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

Watch = Callable[..., Watched]
EMAIL = "owner@acme.example"
PASSWORD = "correct horse battery"  # noqa: S105
SET_PASSWORD = f"""
from workspaces.models import User
person = User.objects.get(email={EMAIL!r})
person.set_password({PASSWORD!r})
person.save()
"""
SHELL = """
import sys
import django
django.setup()
for line in sys.stdin:
    exec(eval(line))
    print("done", flush=True)
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
turn_back(LateNotice.objects.exclude(mailed_at=None), "mailed_at")
turn_back(Heartbeat.objects.exclude(asked_at=None), "asked_at", "message_sent_at")
turn_back(Heartbeat.objects.exclude(seen_at=None), "since", *SEEN)
"""
SETTLE = """
from datetime import timedelta
from django.db.models import F
from django.utils import timezone
from monitors.models import LateNotice
span = timedelta(minutes=1)
just_over = LateNotice.objects.filter(recovered_at__gt=timezone.now() - span)
just_over.update(recovered_at=F("recovered_at") - span)
"""
CALL_SWITCH = "from integrations.tasks import call_heartbeat_url; call_heartbeat_url.delay()"
NOT_RUNNING = "monitors are not running"
RUN_AGAIN = "monitors run again"
TASK_SECONDS = 60
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
def monitor(watch: Watch, target: Target) -> Iterator[Watched]:
    """Up, and run each minute. It is the only one."""
    monitor: Watched = watch(target, cron="* * * * *")
    wait_for_state(monitor, "up", 30)
    yield monitor
    monitor.api.delete(f"/monitors/{monitor.monitor}/")


class House:
    """The installation, whose stored times a test changes, and what notices from outside."""

    def __init__(self, installation: Installation, switch: Switch) -> None:
        self.installation = installation
        self.switch = switch
        self.shell = subprocess.Popen(
            [sys.executable, "-c", SHELL],
            env=installation.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            cwd=installation.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str) -> None:
        """Executes Python in a process of the installation."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f"{code!r}\n")
        self.shell.stdin.flush()
        assert self.shell.stdout.readline() == "done\n"

    def turn_back(self, minutes: int, *, without_schedule: bool = False) -> None:
        """As if this time had gone by since all that happened, with or without a living schedule."""
        seen = '["seen_at"]' if without_schedule else "[]"
        self.run(TURN_BACK.replace("MINUTES", str(minutes)).replace("SEEN", seen))

    def call_switch(self) -> None:
        """What beat does every minute."""
        self.run(CALL_SWITCH)

    @property
    def log(self) -> str:
        return self.installation.log.read_text()

    def wait_for_log(self, words: str, since: int) -> None:
        wait_for(f"“{words}” in the log", lambda: words in self.log[since:], TASK_SECONDS)

    def assert_the_switch_is_called(self) -> None:
        before = self.switch.calls

        def is_called() -> bool:
            self.call_switch()
            time.sleep(1)
            return self.switch.calls > before

        wait_for("a call of the switch", is_called, 60)

    def assert_the_switch_is_not_called(self, why: str) -> None:
        since = len(self.log)

        def is_logged() -> bool:
            self.turn_back(1)
            self.call_switch()
            time.sleep(2)
            return why in self.log[since:]

        wait_for(f"“{why}” in the log", is_logged, 60)
        before = self.switch.calls
        self.call_switch()
        assert self.switch.calls == before

    def assert_owners_hear_of_it(self, since: int) -> None:
        self.turn_back(10)
        self.wait_for_log(f"Subject: Acme: {NOT_RUNNING}", since)

    def assert_all_is_well_again(self, monitor: Watched, since: int) -> None:
        """`since`: where the log ended before."""
        wait_for_state(monitor, "up", 90)

        def is_mailed() -> bool:
            self.run(SETTLE)
            time.sleep(2)
            return f"Subject: Acme: {RUN_AGAIN}" in self.log[since:]

        wait_for("the mail", is_mailed, TASK_SECONDS)
        self.assert_the_switch_is_called()


@pytest.fixture(scope="module")
def house(installation: Installation, switch: Switch) -> Iterator[House]:
    house = House(installation, switch)
    yield house
    house.shell.kill()
    house.shell.wait()


def wait_for_page(session: requests.Session, url: str, words: str) -> None:
    wait_for(f"“{words}” on {url}", lambda: words in session.get(url, timeout=10).text, 20)


@pytest.fixture
def signed_in(house: House, monitor: Watched) -> requests.Session:
    """The owner's browser."""
    house.run(SET_PASSWORD)
    session = requests.Session()
    url = f"{house.installation.url}/accounts/login/"
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


def test_a_frozen_worker(house: House, monitor: Watched, signed_in: requests.Session) -> None:
    house.assert_the_switch_is_called()
    since = len(house.log)
    with frozen(house.installation, "runs.default"):
        house.turn_back(3)
        assert_it_says_so(signed_in, monitor, "default")
        house.assert_owners_hear_of_it(since)
        house.assert_the_switch_is_not_called("No worker of region default answers")
    house.assert_all_is_well_again(monitor, since)


def test_the_only_worker_of_a_region_is_killed(
    house: House, monitor: Watched, signed_in: requests.Session
) -> None:
    with worker_of(house.installation, "far") as worker:
        monitor.api.patch(f"/monitors/{monitor.monitor}/", {"regions": ["default", "far"]})
        monitor.run()
        wait_for("a run in both regions", lambda: regions_that_ran(monitor) == {"default", "far"}, 60)
        house.assert_the_switch_is_called()
        since = len(house.log)
        worker.kill()
        # The other region goes on, so only this one becomes late.
        house.turn_back(3)
        monitor.run()
        assert_it_says_so(signed_in, monitor, "far")
        house.assert_owners_hear_of_it(since)
        house.assert_the_switch_is_not_called("No worker of region far answers")
    with worker_of(house.installation, "far"):
        house.assert_all_is_well_again(monitor, since)
        monitor.api.patch(f"/monitors/{monitor.monitor}/", {"regions": ["default"]})


def test_a_stopped_schedule(house: House, monitor: Watched, signed_in: requests.Session) -> None:
    house.assert_the_switch_is_called()
    since = len(house.log)
    with frozen(house.installation, " beat "):
        calls = house.switch.calls
        house.turn_back(13, without_schedule=True)
        assert_it_says_so(signed_in, monitor, "default")
        # Beat is what calls the switch and has owners mailed, so both wait for it.
        assert house.switch.calls == calls
        assert NOT_RUNNING not in house.log[since:]
    house.assert_all_is_well_again(monitor, since)
    assert re.search(r"Region default: 1\d min", house.log[since:])


def test_a_broker_that_loses_the_messages_of_a_region(
    house: House, monitor: Watched, signed_in: requests.Session
) -> None:
    """The worker is frozen meanwhile, since it would be faster. Afterwards it finds none of the messages."""
    house.assert_the_switch_is_called()
    since = len(house.log)
    with losing_messages(house.installation, "runs.default"), frozen(house.installation, "runs.default"):
        house.turn_back(3)
        assert_it_says_so(signed_in, monitor, "default")
        house.assert_owners_hear_of_it(since)
        house.assert_the_switch_is_not_called("No worker of region default answers")
    house.assert_all_is_well_again(monitor, since)


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
