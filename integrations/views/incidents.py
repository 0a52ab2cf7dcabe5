"""Incidents of a workspace: the list, and the page of one with its runs and deliveries."""

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import DetailView
from django.views.generic.detail import SingleObjectMixin

from integrations.filters import IncidentPageFilter
from integrations.models import ClosedBecause, Incident
from monitors.models import Run
from monitors.models.runs import RunStatus
from workspaces.pages import ListPage, WorkspaceMixin

MAX_RUNS_SHOWN = 50


class IncidentListView(WorkspaceMixin, ListPage[Incident]):
    """The incidents of a workspace: open ones first, then the newest first."""

    queryset = Incident.objects.outages().select_related("workspace", "monitor", "integration")
    filterset_class = IncidentPageFilter
    ordering = (F("closed_at").desc(nulls_first=True), "-opened_at")
    template_name = "integrations/incident_list.html"
    context_object_name = "incidents"
    paginate_by = 50

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        incidents = Incident.objects.for_workspace(self.request.workspace)
        return super().get_context_data(**kwargs) | {
            "only_open": self.request.GET.get("state") == "open",
            "open_count": incidents.outages().open().count(),
        }


class IncidentMixin(WorkspaceMixin, SingleObjectMixin[Incident]):
    queryset = Incident.objects.outages().select_related("workspace", "integration", "monitor")


class IncidentView(IncidentMixin, DetailView[Incident]):
    template_name = "integrations/incident.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "provider": self.object.get_provider(),
            "runs": self.runs()[:MAX_RUNS_SHOWN],
            "deliveries": self.object.deliveries.for_log(),
        }

    def runs(self) -> QuerySet[Run]:
        """The monitor's runs from the one that opened the incident to the one that closed it."""
        runs: QuerySet[Run] = Run.objects.filter(monitor=self.object.monitor, status=RunStatus.FINISHED)
        if self.object.first_run_id is None:
            return runs.none()
        runs = runs.filter(pk__gte=self.object.first_run_id)
        if not self.object.is_open:
            runs = runs.filter(pk__lte=self.object.last_run_id or self.object.first_run_id)
        return runs.select_related("workspace").order_by("-pk")


class ResolveIncidentView(IncidentMixin):
    """Closes an incident because a person knows that the outage is over."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        incident = self.get_object()
        if incident.close(ClosedBecause.BY_HAND):
            messages.success(request, "The incident is resolved. The next failed run opens a new one.")
        return redirect(incident)
