"""Incidents that belong to no outage, and the old addresses of those that do."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import DetailView
from django.views.generic.detail import SingleObjectMixin

from integrations.models import ClosedBecause, Incident, IncidentKind
from monitors.models import Run
from workspaces.pages import ConfirmPage, WorkspaceMixin

MAX_RUNS_SHOWN = 50


class IncidentListView(WorkspaceMixin):
    """Leads to the list of outages, which shows what integrations were sent about each."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        page, query = reverse("monitors:outages", args=[self.request.workspace.slug]), request.GET.urlencode()
        return redirect(f"{page}?{query}" if query else page, permanent=True)


class IncidentMixin(WorkspaceMixin, SingleObjectMixin[Incident]):
    queryset = Incident.objects.without_tests().select_related(
        "workspace", "integration", "monitor", "outage__workspace"
    )


class IncidentView(IncidentMixin, DetailView[Incident]):
    """The page of an incident that belongs to no outage. Those of an outage are on the outage's page."""

    template_name = "integrations/incident.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        outage = self.get_object().outage
        return redirect(outage) if outage else super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "provider": self.object.get_provider(),
            "runs": self.runs()[:MAX_RUNS_SHOWN],
            "deliveries": self.object.deliveries.for_log(),
        }

    def runs(self) -> QuerySet[Run]:
        """The monitor's runs from the one that opened the incident to the one that closed it."""
        first = self.object.first_run_id
        last = None if self.object.is_open else self.object.last_run_id or first
        return Run.objects.of_span(self.object.monitor, first, last)


class ResolveIncidentView(IncidentMixin, ConfirmPage[Incident]):
    """Closes an incident because a person knows that its cause is gone."""

    template_name = "integrations/resolve.html"

    def act(self) -> str:
        if not self.object.close(ClosedBecause.BY_HAND):
            return "The incident was closed already."
        if self.object.kind == IncidentKind.LATE:
            return "The incident is resolved. A new one opens when the monitor has run and is late again."
        return "The incident is resolved. The next failed run opens a new one."
