"""Outages: the list, one outage, and what people do about it."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import DetailView
from django.views.generic.detail import SingleObjectMixin

from monitors.filters import OutagePageFilter, OutageState
from monitors.forms.outages import NoteForm
from monitors.models import Exchange, MaintenanceWindow, Monitor, Outage, Run
from monitors.models.outages import TooManyNotes
from monitors.views.run_exchange import said_by
from workspaces.fields import SecretUnreadable
from workspaces.models import Role
from workspaces.pages import ConfirmPage, ListPage, WorkspaceMixin
from workspaces.pagination import CappedPaginator

MAX_RUNS_SHOWN = 50


class OutageListView(WorkspaceMixin, ListPage[Outage]):
    """The outages of a workspace: open ones first, then those that ended last."""

    queryset = Outage.objects.select_related("workspace", "monitor")
    filterset_class = OutagePageFilter
    template_name = "monitors/outages/list.html"
    context_object_name = "outages"
    paginate_by = 50
    paginator_class = CappedPaginator
    search_label = "Search by monitor"
    none_found = "No outage matches."

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        workspace, chosen = self.request.workspace, self.filterset.form.cleaned_data
        monitors = Monitor.objects.for_workspace(workspace)
        of_monitor = monitors.filter(pk=chosen["monitor"]).first() if chosen.get("monitor") else None
        return super().get_context_data(**kwargs) | {
            "open_count": Outage.objects.for_workspace(workspace).open().count(),
            "states": OutageState,
            "chosen": chosen,
            "monitor": of_monitor,
        }


class OutageMixin(WorkspaceMixin, SingleObjectMixin[Outage]):
    queryset = Outage.objects.select_related("workspace", "monitor__workspace", "last_run__workspace")


class OutageView(OutageMixin, DetailView[Outage]):
    """One outage. A POST adds a note to it."""

    template_name = "monitors/outages/outage.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        outage, monitor = self.object, self.object.kept_monitor
        monitors = [monitor] if monitor else []
        windows = MaintenanceWindow.objects.active_by_monitor(monitors, timezone.now())
        return super().get_context_data(**kwargs) | {
            "monitor": monitor,
            "runs": self.runs()[:MAX_RUNS_SHOWN],
            "window": windows.get(monitor.pk) if monitor else None,
            "note_form": kwargs.get("note_form") or NoteForm(),
            "last_failed": outage.last_run if outage.is_open else None,
            "said": self.said(),
        }

    def said(self) -> str:
        """The error that the server described in the first failed run, for who may read exchanges."""
        if not self.request.membership.allows(Role.EDITOR):
            return ""
        exchange = Exchange.objects.filter(run=self.object.first_run_id).order_by("position").first()
        try:
            return said_by(exchange.content.response) if exchange else ""
        except SecretUnreadable:
            return ""

    def runs(self) -> QuerySet[Run]:
        """The monitor's finished runs from the first one of the outage to the last, the latest first."""
        first = self.object.first_run_id
        last = None if self.object.is_open else self.object.last_run_id or first
        return Run.objects.of_span(self.object.monitor, first, last)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object = self.get_object()
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(note_form=form), status=422)
        try:
            self.object.add_note(form.cleaned_data["text"], by=self.request.user)
        except TooManyNotes as problem:
            messages.error(request, str(problem))
        return redirect(self.object)


class AcknowledgeOutageView(OutageMixin):
    """Shows the others that somebody looks after it."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        outage = self.get_object()
        if outage.acknowledge(by=self.request.user):
            messages.success(request, "You look after this outage: the others see it here.")
        elif outage.acknowledged_at:
            messages.info(request, f"{outage.acknowledged_by} looks after it already.")
        return redirect(outage)


class ResolveOutageView(OutageMixin, ConfirmPage[Outage]):
    """Ends the outage because a person knows that it is over."""

    template_name = "monitors/outages/resolve.html"

    def act(self) -> str:
        if self.object.resolve(by=self.request.user):
            return "The outage is resolved. The next failed run opens another one."
        return "The outage had ended already."
