"""Mails owners when monitors of theirs are late, and when they run again: one mail however many there are.

What was mailed is stored in `LateNotice`, so that restarts and several processes mail it once. The process
that mails may be the one that was down. Then nobody could be mailed in time, monitors run again within
moments, and the mail that says so tells the whole time.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from monitors import health, lateness
from monitors.models import Heartbeat, LateNotice, RegionStatus
from monitors.models.heartbeats import SCHEDULE
from monitors.models.late_notices import LateNoticeQuerySet
from monitors.models.region_statuses import LateRegions
from workspaces import mail
from workspaces.mail import Outcome
from workspaces.models import Workspace

CATCH_UP = timedelta(minutes=2)
"""How long the schedule works until a monitor that is still late is more than a trace of a downtime."""
NAMES_IN_MAIL = 10


def watch(now: datetime) -> None:
    """Call regularly."""
    late = RegionStatus.objects.late_by_monitor(now)
    lateness.log_late_regions(late, now)
    # A restored copy has the owners of the original, whose monitors run.
    if settings.HOLD_DELIVERIES:
        return
    by_region = _by_region(late)
    _record(by_region, now)
    if health.has_scheduled_for(CATCH_UP, now):
        _mail_late(by_region, now)
    _mail_recovered(now)


def note_downtime(now: datetime) -> None:
    """Records what a downtime of the schedule made late. Call before runs are queued: they end it at once."""
    if health.was_down(now) and not settings.HOLD_DELIVERIES:
        _record(_by_region(RegionStatus.objects.late_by_monitor(now)), now)
        Heartbeat.record(SCHEDULE, now)


Region = tuple[uuid.UUID, str]
"""The id of a workspace, and a region."""


def _by_region(late: LateRegions) -> dict[Region, list[RegionStatus]]:
    grouped: dict[Region, list[RegionStatus]] = defaultdict(list)
    for statuses in late.values():
        for status in statuses:
            grouped[status.monitor.workspace_id, status.region].append(status)
    return grouped


def _record(late: dict[Region, list[RegionStatus]], now: datetime) -> None:
    """Has the notices say which regions are late."""
    known: set[Region] = set()
    for notice in LateNotice.objects.all():
        region = (notice.workspace_id, notice.region)
        known.add(region)
        if region in late:
            count = max(notice.monitors, len(late[region]))
            if notice.recovered_at or notice.monitors != count:
                LateNotice.objects.filter(pk=notice.pk).update(recovered_at=None, monitors=count)
        elif notice.recovered_at is None:
            LateNotice.objects.late().filter(pk=notice.pk).update(recovered_at=now)
    missing = [
        LateNotice(
            workspace_id=workspace_id,
            region=region,
            monitors=len(statuses),
            since=max(status.since for status in statuses),
            late_at=min(status.late_at for status in statuses),
        )
        for (workspace_id, region), statuses in late.items()
        if (workspace_id, region) not in known
    ]
    # Another process may have added them at this moment.
    LateNotice.objects.bulk_create(missing, ignore_conflicts=True)


def _mail_late(late: dict[Region, list[RegionStatus]], now: datetime) -> None:
    """One mail for each workspace, with all of its regions: they become late one after the other."""
    for workspace in _workspaces_of(LateNotice.objects.long_late(now)):
        unmailed = LateNotice.objects.late().filter(workspace=workspace, mailed_at=None)
        notices = _claim(unmailed, LateNotice.objects.long_late(now), now)
        if not notices:
            continue
        subject = f"{workspace}: monitors are not running"
        names = {
            status.monitor.name
            for notice in notices
            for status in late.get((workspace.pk, notice.region), [])
        }
        outcome = _mail(workspace, subject, "monitors/mail/late", notices, names)
        if outcome is Outcome.UNREACHABLE:
            return
        if outcome is Outcome.OVER:
            _rows(notices).update(mailed_at=now, claimed_at=None)


def _mail_recovered(now: datetime) -> None:
    for workspace in _workspaces_of(LateNotice.objects.long_over(now)):
        over = LateNotice.objects.over().filter(workspace=workspace)
        notices = _claim(over, LateNotice.objects.long_over(now), now)
        worth_a_mail = [notice for notice in notices if notice.is_worth_a_mail]
        subject = f"{workspace}: monitors run again"
        outcome = Outcome.OVER
        if worth_a_mail:
            outcome = _mail(workspace, subject, "monitors/mail/runs_again", worth_a_mail)
        if outcome is Outcome.UNREACHABLE:
            return
        if outcome is Outcome.OVER:
            _rows(notices).filter(recovered_at__isnull=False).delete()


def _workspaces_of(notices: LateNoticeQuerySet) -> list[Workspace]:
    return list(Workspace.objects.filter(pk__in=notices.values("workspace")))


def _rows(notices: Iterable[LateNotice]) -> LateNoticeQuerySet:
    return LateNotice.objects.filter(pk__in=[notice.pk for notice in notices])


@transaction.atomic
def _claim(notices: LateNoticeQuerySet, due: LateNoticeQuerySet, now: datetime) -> list[LateNotice]:
    """The notices, claimed for a mail by this process. Empty when none of them is due (any more)."""
    found = list(notices.select_for_update(skip_locked=True).order_by("region"))
    if not due.filter(pk__in=[notice.pk for notice in found]).exists():
        return []
    _rows(found).update(claimed_at=now)
    return found


def _mail(
    workspace: Workspace,
    subject: str,
    template: str,
    notices: Collection[LateNotice],
    names: Collection[str] = (),
) -> Outcome:
    context = {
        "workspace": workspace,
        "notices": notices,
        "names": sorted(names)[:NAMES_IN_MAIL],
        "more_names": max(0, len(names) - NAMES_IN_MAIL),
        "button_url": settings.SITE_URL + workspace.get_absolute_url(),
    }
    return mail.send_to_owners(workspace, subject, template, context)
