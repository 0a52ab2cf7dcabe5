"""Owners hear by mail that monitors of theirs do not run, and when they run again."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from monitors import late_notices
from monitors.models import Heartbeat, LateNotice, Monitor, RegionStatus
from monitors.models.heartbeats import SCHEDULE
from monitors.scheduling import schedule_due
from tests.conftest import make_member
from tests.factories import make_monitor, make_run, make_user, make_window
from workspaces.models import Membership, Role, Workspace

MINUTE = timedelta(minutes=1)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    monitor = make_monitor(workspace, cron="* * * * *")
    make_run(monitor)
    return monitor


@pytest.fixture(autouse=True)
def schedule(db: None) -> None:
    """It has worked for an hour."""
    now = timezone.now()
    Heartbeat.objects.create(part=SCHEDULE, seen_at=now, since=now - 60 * MINUTE)


def wait(minutes: float, **of: object) -> None:
    """As if no monitor had a run in this time."""
    span = minutes * MINUTE
    RegionStatus.objects.filter(**of).update(since=F("since") - span, late_at=F("late_at") - span)
    LateNotice.objects.update(since=F("since") - span, late_at=F("late_at") - span)
    for name in ("mailed_at", "claimed_at", "recovered_at"):
        known = LateNotice.objects.filter(**{f"{name}__isnull": False})
        known.update(**{name: F(name) - span})


def watch() -> list[str]:
    """The subjects of the mails that one look sends."""
    before = len(mail.outbox)
    late_notices.watch(timezone.now())
    return [str(message.subject) for message in mail.outbox[before:]]


def text() -> str:
    body = mail.outbox[-1].body
    assert isinstance(body, str)
    return body


def test_owners_get_one_mail_when_monitors_are_late_for_ten_minutes_and_one_afterwards(
    monitor: Monitor,
) -> None:
    wait(11.5)
    assert watch() == []
    wait(0.7)
    assert watch() == ["Acme: monitors are not running"]
    assert mail.outbox[-1].to == ["owner@acme.example"]
    assert "Region default: 1 monitor, no run since" in text()
    assert "Checkout" in text()
    assert "http://postwatch.test/w/acme/" in text()
    wait(60)
    assert watch() == []
    make_run(monitor)
    assert watch() == []
    wait(1.1)
    assert watch() == ["Acme: monitors run again"]
    assert "Region default: 1 h 12 min" in text()
    assert not LateNotice.objects.exists()
    assert watch() == []


def test_a_thousand_monitors_and_several_regions_make_one_mail(workspace: Workspace) -> None:
    for number in range(14):
        make_monitor(workspace, f"Shop {number:02}", cron="* * * * *", regions=["default", "eu"])
    wait(12.5)
    watch()
    [message] = mail.outbox
    assert "Region default: 14 monitors" in text()
    assert "Region eu: 14 monitors" in text()
    assert "Shop 09 and 4 more" in text()
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert "<strong>Region eu</strong>: 14 monitors" in str(message.alternatives[0][0])


def test_a_region_that_is_late_by_a_moment_is_in_the_mail_about_the_others(workspace: Workspace) -> None:
    make_monitor(workspace, cron="* * * * *", regions=["default", "eu"])
    wait(10, region="default")
    wait(2.5)
    watch()
    assert "Region eu" in text()
    wait(10)
    assert watch() == []


def test_every_owner_hears_of_their_own_workspaces_alone(
    monitor: Monitor, workspace: Workspace, other_workspace: Workspace
) -> None:
    second = make_member(workspace, "second@acme.example", Role.OWNER)
    make_member(workspace, "editor2@acme.example", Role.EDITOR)
    unverified = make_user("unverified@acme.example", is_verified=False)
    Membership.objects.create(workspace=workspace, user=unverified, role=Role.OWNER)
    make_monitor(other_workspace, "Theirs", cron="* * * * *")
    wait(13)
    assert sorted(watch()) == ["Acme: monitors are not running", "Elsewhere: monitors are not running"]
    by_subject = {message.subject: message for message in mail.outbox}
    acme = by_subject["Acme: monitors are not running"]
    assert sorted(acme.to) == ["owner@acme.example", second.email]
    assert "Theirs" not in str(acme.body)


def test_a_second_process_mails_nothing(monitor: Monitor) -> None:
    wait(13)
    now = timezone.now()
    due = LateNotice.objects.long_late(now)
    watch()
    assert late_notices._claim(LateNotice.objects.all(), due, now) == []


def test_a_mail_server_that_is_away_delays_the_mail(monitor: Monitor, settings: Settings) -> None:
    wait(13)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.monitors.test_late_mails.NoServer"
    assert watch() == []
    settings.EMAIL_BACKEND = backend
    assert watch() == []
    wait(1.1)
    assert watch() == ["Acme: monitors are not running"]


def test_a_mailbox_that_is_full_delays_no_other_mail(
    workspace: Workspace, other_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (workspace, other_workspace):
        make_monitor(each, cron="* * * * *")
    wait(13)
    refused: list[str] = []

    def refuse_the_first(subject: str, *args: Any, **options: Any) -> None:
        if not refused:
            refused.append(subject)
            raise SMTPRecipientsRefused({"owner@acme.example": (452, b"4.2.2 Mailbox full")})
        mail.send_mail(subject, *args, **options)

    monkeypatch.setattr("workspaces.mail.send_mail", refuse_the_first)
    assert len(watch()) == 1
    wait(1.1)
    assert watch() == refused


class NoServer:
    def __init__(self, **options: object) -> None:
        raise ConnectionRefusedError


def test_after_a_downtime_of_the_mailer_itself_one_mail_tells_the_whole_time(monitor: Monitor) -> None:
    wait(45)
    Heartbeat.objects.update(seen_at=timezone.now() - 44 * MINUTE)
    # The run may end before anybody looks at what is late.
    schedule_due()
    make_run(monitor)
    assert watch() == []
    wait(1.1)
    assert watch() == ["Acme: monitors run again"]
    assert "Region default: 45 min" in text()


def test_nothing_is_mailed_before_the_schedule_is_back_itself(monitor: Monitor) -> None:
    """All tasks begin at once then, and this one may be the first."""
    wait(45)
    Heartbeat.objects.update(seen_at=timezone.now() - 44 * MINUTE)
    assert watch() == []


def test_what_is_still_late_some_minutes_after_a_downtime_is_mailed(monitor: Monitor) -> None:
    wait(45)
    Heartbeat.objects.update(since=timezone.now())
    assert watch() == []
    Heartbeat.objects.update(since=timezone.now() - 2 * MINUTE)
    assert watch() == ["Acme: monitors are not running"]


def test_a_short_delay_is_not_worth_a_mail(monitor: Monitor) -> None:
    wait(9)
    watch()
    make_run(monitor)
    watch()
    wait(1.5)
    assert watch() == []
    assert not LateNotice.objects.exists()


def test_a_monitor_that_is_late_again_at_once_makes_no_second_pair_of_mails(monitor: Monitor) -> None:
    wait(13)
    watch()
    make_run(monitor)
    assert watch() == []
    wait(3)
    assert watch() == []
    assert LateNotice.objects.get().mailed_at is not None


def test_paused_monitors_and_those_in_a_window_that_skips_runs_mail_nobody(
    monitor: Monitor, workspace: Workspace
) -> None:
    paused = make_monitor(workspace, "Paused", cron="* * * * *")
    paused.pause()
    make_window(workspace, monitor, mode="skip")
    wait(30)
    assert watch() == []


def test_a_restored_copy_mails_nobody(monitor: Monitor, settings: Settings) -> None:
    settings.HOLD_DELIVERIES = True
    wait(30)
    assert watch() == []


def test_owners_of_a_deleted_workspace_hear_nothing(monitor: Monitor, workspace: Workspace) -> None:
    wait(13)
    watch()
    workspace.delete()
    watch()
    wait(2)
    assert watch() == []
