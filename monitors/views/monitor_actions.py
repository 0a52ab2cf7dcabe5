"""What can be done with a monitor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic.detail import SingleObjectMixin

from monitors.manual_runs import TooManyRuns, run_now
from monitors.models import Monitor, Run
from monitors.muting import MuteFor, mute
from workspaces.pages import ConfirmPage, DeletePage, Refused, WorkspaceMixin
from workspaces.templatetags.times import full_datetime

MANY_RUNS = 1000
"""Deleting a monitor with more asks for its name."""


class MonitorActionView(WorkspaceMixin, SingleObjectMixin[Monitor]):
    """A button on a monitor's page: a POST that changes something and leads back."""

    http_method_names = ("post",)
    queryset = Monitor.objects.select_related("workspace")

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        monitor = self.get_object()
        return redirect(self.act(monitor) or monitor)

    def act(self, monitor: Monitor) -> Run | None:
        """Does it. Returns where to go, when that is not the monitor."""
        raise NotImplementedError


class RunNowView(MonitorActionView):
    def act(self, monitor: Monitor) -> Run | None:
        try:
            runs = run_now(monitor)
        except TooManyRuns as problem:
            messages.error(self.request, str(problem))
            return None
        return runs[0] if len(runs) == 1 else None


class ResumeMonitorView(MonitorActionView):
    def act(self, monitor: Monitor) -> None:
        monitor.resume(by=self.request.user)
        messages.success(self.request, f"{monitor} runs again by its schedule.")


class MuteMonitorView(MonitorActionView):
    """Pages nobody about a monitor for a while. `for` is one of MuteFor, `next` the page to return to."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        page = request.POST.get("next", "")
        return redirect(page) if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else response

    def act(self, monitor: Monitor) -> None:
        chosen = self.request.POST.get("for", "")
        length = MuteFor(chosen) if chosen in MuteFor.values else MuteFor.HOUR
        until = mute(monitor, length.until(timezone.now()), by=self.request.user)
        messages.success(self.request, f"Nobody is paged about {monitor} until {full_datetime(until)}.")


class PauseMonitorView(WorkspaceMixin, ConfirmPage[Monitor]):
    """While the monitor fails, it asks what becomes of the outage: no run will say when it ends."""

    model = Monitor
    template_name = "monitors/monitors/pause.html"

    def act(self) -> str:
        is_over = self.request.POST.get("outage") != "lasts"
        self.object.pause(by=self.request.user, outage_is_over=is_over)
        return f"{self.object} is paused: it does not run until you resume it."


class DeleteMonitorView(WorkspaceMixin, DeletePage[Monitor]):
    """Asks for the name too when many runs would go."""

    model = Monitor
    template_name = "monitors/monitors/delete.html"
    success_page = "monitors:monitors"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "run_count": min(self.run_count, MANY_RUNS),
            "ask_for_name": self.run_count > MANY_RUNS,
        }

    @cached_property
    def run_count(self) -> int:
        """Of MANY_RUNS + 1 at most: to count a million would take longer than to delete them."""
        runs = Run.objects.for_workspace(self.request.workspace).filter(monitor=self.object)
        return runs[: MANY_RUNS + 1].count()

    def act(self) -> str:
        if self.run_count > MANY_RUNS and self.request.POST.get("name", "").strip() != self.object.name:
            raise Refused("That is not its name.")
        self.object.delete()
        return f"{self.object.name} and its runs are deleted."
