"""The page of one incident: how long, which runs, what was sent when."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View
from django.views.generic.base import TemplateView

from integrations.models import ClosedBecause, Incident
from integrations.views.access import OwnedMixin
from monitors.models import Run
from monitors.models.runs import Status

RUNS_SHOWN = 50


class IncidentMixin(OwnedMixin[Incident]):
    model = Incident

    def get_queryset(self) -> QuerySet[Incident]:
        queryset = super().get_queryset().filter(is_test=False)
        return queryset.select_related("workspace", "integration", "monitor")


class IncidentView(IncidentMixin, TemplateView):
    template_name = "integrations/incident.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "incident": self.object,
            "provider": self.object.get_provider(),
            "runs": self.runs()[:RUNS_SHOWN],
            "deliveries": self.object.deliveries.for_log(),
        }

    def runs(self) -> QuerySet[Run]:
        runs: QuerySet[Run] = Run.objects.filter(monitor=self.object.monitor, status=Status.FINISHED)
        if self.object.first_run_id is None:
            return runs.none()
        runs = runs.filter(pk__gte=self.object.first_run_id)
        if not self.object.is_open:
            runs = runs.filter(pk__lte=self.object.last_run_id or self.object.first_run_id)
        return runs.select_related("workspace").order_by("-pk")


class ResolveView(IncidentMixin, View):
    """What a person knows better: the outage is over."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.close(ClosedBecause.BY_HAND):
            messages.success(request, "The incident is closed here, and the provider is told.")
        return redirect(self.object)
