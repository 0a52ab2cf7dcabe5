"""What the list of monitors does with those that were chosen."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from monitors import bulk
from monitors.bulk import BulkAction, Outcome
from monitors.forms.bulk import BulkForm
from monitors.models import Monitor
from monitors.muting import mute_all
from workspaces.pages import WorkspaceMixin

DONE = {
    BulkAction.PAUSE: "paused",
    BulkAction.RESUME: "resumed",
    BulkAction.RUN: "started",
    BulkAction.TAG: "tagged",
    BulkAction.UNTAG: "changed",
    BulkAction.MUTE: "muted",
    BulkAction.DELETE: "deleted",
}
"""Ends the sentence "3 monitors are …"."""

NAMES_SHOWN = 20


class BulkView(WorkspaceMixin):
    """Acts, and leads back to the list as it was filtered.

    It asks before it deletes monitors, and before it pauses some that fail: no run will say when their outage
    ends.
    """

    http_method_names = ("post",)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = BulkForm(request.POST, workspace=self.request.workspace)
        if not form.is_valid():
            messages.error(request, form.sentence)
            return self.back()
        monitors, action = form.cleaned_data["monitors"], form.cleaned_data["action"]
        if "sure" not in request.POST and asks_first(action, monitors):
            return self.ask(action, monitors)
        self.tell(action, self.act(action, monitors, form.cleaned_data))
        return self.back()

    def act(self, action: BulkAction, monitors: list[Monitor], given: dict[str, Any]) -> Outcome:
        by = self.request.user
        is_over = self.request.POST.get("outage") != "lasts"
        actions: dict[BulkAction, Callable[[], Outcome]] = {
            BulkAction.PAUSE: lambda: bulk.pause(monitors, by, outage_is_over=is_over),
            BulkAction.RESUME: lambda: bulk.resume(monitors, by),
            BulkAction.RUN: lambda: bulk.run(monitors),
            BulkAction.TAG: lambda: bulk.add_tag(monitors, given["tag"], by),
            BulkAction.UNTAG: lambda: bulk.remove_tag(monitors, given["tag"], by),
            BulkAction.MUTE: lambda: self.mute(monitors, given),
            BulkAction.DELETE: lambda: bulk.delete(monitors),
        }
        return actions[action]()

    def mute(self, monitors: list[Monitor], given: dict[str, Any]) -> Outcome:
        mute_all(monitors, given["mute_for"].until(timezone.now()), self.request.user)
        return Outcome(len(monitors))

    def ask(self, action: BulkAction, monitors: list[Monitor]) -> HttpResponse:
        context = self.get_context_data() | {
            "action": action,
            "monitors": monitors,
            "named": monitors[:NAMES_SHOWN],
            "more": len(monitors) - NAMES_SHOWN,
            "cancel_url": self.list_url(),
        }
        return render(self.request, "monitors/monitors/bulk.html", context)

    def tell(self, action: BulkAction, outcome: Outcome) -> None:
        count = outcome.changed
        if count or not outcome.problem:
            are = "1 monitor is" if count == 1 else f"{count} monitors are"
            messages.success(self.request, f"{are} {DONE[action]}.")
        if outcome.problem:
            messages.error(self.request, outcome.problem)

    def back(self) -> HttpResponse:
        return redirect(self.list_url())

    def list_url(self) -> str:
        url, query = reverse("monitors:monitors", args=[self.request.workspace.slug]), self.request.GET
        return f"{url}?{query.urlencode()}" if query else url


def asks_first(action: BulkAction, monitors: list[Monitor]) -> bool:
    is_failing = any(monitor.failing_since and not monitor.is_paused for monitor in monitors)
    return action == BulkAction.DELETE or (action == BulkAction.PAUSE and is_failing)
