"""Filters of lists, the same on pages and in the API."""

import django_filters as filters
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework.exceptions import ValidationError

from monitors import lateness
from monitors.models import Monitor, Result, Run
from monitors.models.monitor_states import MonitorState
from monitors.models.monitors import MonitorQuerySet
from monitors.models.region_statuses import LateRegions
from monitors.models.runs import RunStatus, RunType
from workspaces.models import Workspace


class NameFilter(filters.FilterSet):
    """Of collections and environments."""

    q = filters.CharFilter("name", "icontains", help_text="Part of the name.")


class MonitorFilter(filters.FilterSet):
    q = filters.CharFilter(method="with_words", help_text="Part of the name of a monitor or its collection.")
    tag = filters.CharFilter(method="with_tag")
    state = filters.ChoiceFilter(choices=MonitorState.choices, method="in_state")

    @cached_property
    def late(self) -> LateRegions:
        """The late regions of the whole workspace, by monitor."""
        workspace: Workspace = getattr(self.request, "workspace", None) or self.request.auth.workspace
        return lateness.late_in_workspace(workspace, timezone.now())

    def with_words(self, monitors: MonitorQuerySet, name: str, words: str) -> MonitorQuerySet:
        return monitors.filter(Q(name__icontains=words) | Q(collection__name__icontains=words))

    def with_tag(self, monitors: MonitorQuerySet, name: str, tag: str) -> MonitorQuerySet:
        return monitors.tagged(tag.lower())

    def in_state(self, monitors: MonitorQuerySet, name: str, state: str) -> MonitorQuerySet:
        return monitors.in_state(MonitorState(state), self.late.keys())

    def count_by_state(self, workspace: Workspace) -> dict[str, int]:
        """How many monitors of the workspace match the other filters, by their state."""
        monitors = Monitor.objects.for_workspace(workspace)
        for name, value in self.form.cleaned_data.items():
            if name != "state":
                monitors = self.filters[name].filter(monitors, value)
        return monitors.count_by_state(self.late.keys())


class RunFilter(filters.FilterSet):
    """An id of another workspace finds what one that does not exist finds: nothing."""

    monitor = filters.UUIDFilter(field_name="monitor_id")
    result = filters.MultipleChoiceFilter(choices=Result.choices)
    status = filters.MultipleChoiceFilter(choices=RunStatus.choices)
    type = filters.MultipleChoiceFilter(choices=RunType.choices)
    region = filters.CharFilter(method="in_region")

    class Meta:
        model = Run
        fields = ["monitor", "result", "status", "type", "region"]

    def in_region(self, runs: QuerySet[Run], name: str, region: str) -> QuerySet[Run]:
        """A region that is not configured any more finds its old runs; any other name is a mistake."""
        found = runs.filter(region=region)
        if region not in settings.REGIONS and not found.exists():
            known = ", ".join(settings.REGIONS)
            raise ValidationError({name: [f"There is no region “{region}”. Known: {known}."]})
        return found
