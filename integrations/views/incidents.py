"""Incidents: the list of a workspace, and one with how long, which runs, what was sent when."""

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import DetailView, ListView, View
from django.views.generic.detail import SingleObjectMixin

from integrations.models import ClosedBecause, Incident
from monitors.models import Run
from monitors.models.runs import RunStatus
from workspaces.pages import WorkspaceMixin

RUNS_SHOWN = 50


class IncidentListView(WorkspaceMixin, ListView[Incident]):
    """The incidents of a workspace: the open ones first, then the past ones, the newest first."""

    model = Incident
    template_name = "integrations/incident_list.html"
    context_object_name = "incidents"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Incident]:
        incidents: QuerySet[Incident] = Incident.objects.for_workspace(self.request.workspace).outages()
        if self.only_open:
            incidents = incidents.filter(closed_at=None)
        open_first = F("closed_at").desc(nulls_first=True)
        related = ("workspace", "monitor", "integration")
        return incidents.select_related(*related).order_by(open_first, "-opened_at")

    @property
    def only_open(self) -> bool:
        return self.request.GET.get("state") == "open"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        open_count = Incident.objects.for_workspace(self.request.workspace).outages().open().count()
        return super().get_context_data(**kwargs) | {"only_open": self.only_open, "open_count": open_count}


class IncidentMixin(WorkspaceMixin):
    def get_queryset(self) -> QuerySet[Incident]:
        incidents: QuerySet[Incident] = Incident.objects.for_workspace(self.request.workspace).outages()
        return incidents.select_related("workspace", "integration", "monitor")


class IncidentView(IncidentMixin, DetailView[Incident]):
    template_name = "integrations/incident.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "provider": self.object.get_provider(),
            "runs": self.runs()[:RUNS_SHOWN],
            "deliveries": self.object.deliveries.for_log(),
        }

    def runs(self) -> QuerySet[Run]:
        runs: QuerySet[Run] = Run.objects.filter(monitor=self.object.monitor, status=RunStatus.FINISHED)
        if self.object.first_run_id is None:
            return runs.none()
        runs = runs.filter(pk__gte=self.object.first_run_id)
        if not self.object.is_open:
            runs = runs.filter(pk__lte=self.object.last_run_id or self.object.first_run_id)
        return runs.select_related("workspace").order_by("-pk")


class ResolveView(IncidentMixin, SingleObjectMixin[Incident], View):
    """What a person knows better: the outage is over."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        incident = self.get_object()
        if incident.close(ClosedBecause.BY_HAND):
            messages.success(request, "The incident is resolved. The next failed run opens a new one.")
        return redirect(incident)
