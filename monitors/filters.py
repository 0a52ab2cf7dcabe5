"""Filters of lists, the same on pages and in the API."""

import uuid
from datetime import date, datetime, time, timedelta

import django_filters as filters
from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework.exceptions import ValidationError

from monitors import lateness, run_search
from monitors.models import Collection, Monitor, Outage, Result, RollUp, Run
from monitors.models.monitor_states import MonitorState
from monitors.models.monitors import MonitorQuerySet
from monitors.models.outages import OutageQuerySet
from monitors.models.runs import RunQuerySet, RunStatus, RunType
from workspaces.models import Workspace

MAX_WORDS = 10
"""Words of a search; the rest is ignored."""


def region_choices() -> list[tuple[str, str]]:
    return [(region, region) for region in settings.REGIONS]


class WorkspaceFilter(filters.FilterSet):
    """Knows the workspace that asks."""

    @cached_property
    def workspace(self) -> Workspace:
        found: Workspace = getattr(self.request, "workspace", None) or self.request.auth.workspace
        return found

    @property
    def monitors(self) -> MonitorQuerySet:
        """Its monitors."""
        return Monitor.objects.for_workspace(self.workspace)


class NameFilter(filters.FilterSet):
    """Of collections and environments."""

    q = filters.CharFilter("name", "icontains", help_text="Part of the name.")


class MonitorFilter(WorkspaceFilter):
    q = filters.CharFilter(
        method="with_words",
        help_text="Words, each of which is part of the name of the monitor or its collection, of a tag or of "
        "the URL of a request.",
    )
    tag = filters.CharFilter(method="with_tag")
    state = filters.ChoiceFilter(choices=MonitorState.choices, method="in_state")
    collection = filters.UUIDFilter(field_name="collection_id")
    environment = filters.UUIDFilter(field_name="environment_id")
    region = filters.ChoiceFilter(choices=region_choices, method="in_region")

    @cached_property
    def late(self) -> set[uuid.UUID]:
        """The ids of the late monitors of the whole workspace."""
        return lateness.late_in_workspace(self.workspace, timezone.now())

    def with_words(self, monitors: MonitorQuerySet, name: str, words: str) -> MonitorQuerySet:
        for word in words.split()[:MAX_WORDS]:
            collections = Collection.objects.for_workspace(self.workspace).containing(word)
            monitors = monitors.containing(word, collections)
        return monitors

    def with_tag(self, monitors: MonitorQuerySet, name: str, tag: str) -> MonitorQuerySet:
        return monitors.tagged(tag.lower())

    def in_region(self, monitors: MonitorQuerySet, name: str, value: str) -> MonitorQuerySet:
        return monitors.in_region(value)

    def in_state(self, monitors: MonitorQuerySet, name: str, state: str) -> MonitorQuerySet:
        return monitors.in_state(MonitorState(state), self.late)

    def count_by_state(self, workspace: Workspace) -> dict[str, int]:
        """How many monitors of the workspace match the other filters, by their state."""
        monitors = Monitor.objects.for_workspace(workspace)
        for name, value in self.form.cleaned_data.items():
            if name != "state":
                monitors = self.filters[name].filter(monitors, value)
        return monitors.count_by_state(self.late)


class RunFilter(WorkspaceFilter):
    """An id of another workspace finds what one that does not exist finds: nothing."""

    monitor = filters.UUIDFilter(field_name="monitor_id")
    result = filters.MultipleChoiceFilter(choices=Result.choices)
    status = filters.MultipleChoiceFilter(choices=RunStatus.choices)
    type = filters.MultipleChoiceFilter(choices=RunType.choices)
    region = filters.CharFilter(method="in_region")
    since = filters.IsoDateTimeFilter(method="queued_since", help_text="Queued at this time or later.")
    until = filters.IsoDateTimeFilter(method="queued_before", help_text="Queued before this time.")
    # Last, so that they search only what the others leave.
    request = filters.CharFilter(
        method="failed_at",
        help_text="The name of a request: runs in which it failed, of the "
        f"{run_search.MAX_READ:,} newest failed runs that the other filters leave.",
    )
    text = filters.CharFilter(
        method="containing",
        help_text="Part of the sentence on what failed, of the "
        f"{run_search.MAX_SEARCHED:,} newest runs that the other filters leave.",
    )

    class Meta:
        model = Run
        fields = ["monitor", "result", "status", "type", "region", "since", "until", "request", "text"]

    def queued_since(self, runs: RunQuerySet, name: str, since: datetime) -> RunQuerySet:
        return run_search.queued_since(runs, since)

    def queued_before(self, runs: RunQuerySet, name: str, until: datetime) -> RunQuerySet:
        return run_search.queued_before(runs, until)

    def failed_at(self, runs: RunQuerySet, name: str, request: str) -> RunQuerySet:
        return run_search.failed_at(runs, request)

    def containing(self, runs: RunQuerySet, name: str, text: str) -> RunQuerySet:
        return run_search.containing(runs, text)

    def in_region(self, runs: QuerySet[Run], name: str, region: str) -> QuerySet[Run]:
        """A region that is not configured any more finds its old runs; any other name is a mistake."""
        # Roll-ups have an index by monitor and region, and runs have none.
        counted = RollUp.objects.filter(monitor__in=self.monitors.values("pk"), region=region)
        if region not in settings.REGIONS and not counted.exists():
            known = ", ".join(settings.REGIONS)
            raise ValidationError({name: [f"There is no region “{region}”. Known: {known}."]})
        return runs.filter(region=region)


class OutageState(models.TextChoices):
    """Whether an outage still lasts."""

    OPEN = "open", "Open"
    ENDED = "ended", "Ended"


class OutageFilter(WorkspaceFilter):
    """What pages and the API have in common. They take the time differently."""

    monitor = filters.UUIDFilter(field_name="monitor_id")
    state = filters.ChoiceFilter(choices=OutageState.choices, method="in_state")
    tag = filters.CharFilter(method="with_tag", help_text="Of monitors that have this tag.")

    class Meta:
        model = Outage
        fields = ["monitor", "state", "tag"]

    def in_state(self, outages: OutageQuerySet, name: str, state: str) -> OutageQuerySet:
        return outages.open() if state == OutageState.OPEN else outages.ended()

    def with_tag(self, outages: OutageQuerySet, name: str, tag: str) -> OutageQuerySet:
        return outages.filter(monitor__in=self.monitors.tagged(tag.lower()))


class OutageApiFilter(OutageFilter):
    """An outage that began earlier and lasted into the time is found too."""

    since = filters.IsoDateTimeFilter(method="lasting_after", help_text="Without those that ended before.")
    until = filters.IsoDateTimeFilter(method="begun_before", help_text="Without those that began later.")

    def lasting_after(self, outages: OutageQuerySet, name: str, since: datetime) -> OutageQuerySet:
        return outages.lasting_after(run_search.bounded(since))

    def begun_before(self, outages: OutageQuerySet, name: str, until: datetime) -> OutageQuerySet:
        return outages.begun_before(run_search.bounded(until))


class OutagePageFilter(OutageFilter):
    """People search by the names of monitors and choose whole days, the last of which counts too."""

    q = filters.CharFilter(method="with_words", help_text="Part of the name of a monitor.")
    since = filters.DateFilter(method="from_day")
    until = filters.DateFilter(method="to_day")

    def with_words(self, outages: OutageQuerySet, name: str, words: str) -> OutageQuerySet:
        return outages.filter(monitor__in=self.monitors.filter(name__icontains=words))

    def from_day(self, outages: OutageQuerySet, name: str, day: date) -> OutageQuerySet:
        return outages.lasting_after(run_search.bounded(start_of(day)))

    def to_day(self, outages: OutageQuerySet, name: str, day: date) -> OutageQuerySet:
        if day == date.max:
            return outages
        return outages.begun_before(run_search.bounded(start_of(day + timedelta(days=1))))


def start_of(day: date) -> datetime:
    """The first moment of a day in the time zone that is active."""
    return timezone.make_aware(datetime.combine(day, time()))
