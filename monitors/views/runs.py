"""One run."""

from django.db.models import QuerySet
from django.views.generic import DetailView

from monitors.comparison import good_run_before
from monitors.manual_runs import why_not_again
from monitors.models import Run
from monitors.models.runs import FAILED_RESULTS, Result
from monitors.run_causes import (
    MAX_CAUSES,
    causes_of,
    deciding_request,
    first_problem,
    missing_variables,
    unsent_requests,
)
from monitors.views.run_exchange import ExchangeView
from monitors.views.run_page import RunPage
from workspaces.models import Role
from workspaces.pages import WorkspaceMixin
from workspaces.templatetags.times import full_datetime


class RunView(WorkspaceMixin, DetailView[Run]):
    """A run: its requests on one clock, and one of them with what was sent and received.

    The query chooses the request (`request`), the tab (`tab`) and the run that it is compared with (`with`).
    """

    queryset = Run.objects.select_related(
        "workspace",
        "monitor__workspace",
        "monitor__collection",
        "monitor__environment__workspace",
        "collection_version",
        "stored_detail",
    )
    template_name = "monitors/runs/run.html"

    def get_queryset(self) -> QuerySet[Run]:
        # The content of a collection may be large.
        return super().get_queryset().defer("collection_version__content")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        run = self.object
        page = RunPage(run, self.request.GET.dict(), self.request.membership.allows(Role.EDITOR))
        exchange = ExchangeView(page)
        first = deciding_request(run.detail, run.result)
        return (
            super().get_context_data(**kwargs)
            | self.neighbors()
            | {"good": page.other if page.compare_with == "good" else good_run_before(run)}
            | why(run)
            | {
                "page": page,
                "exchange": exchange,
                "said": exchange.said if page.request is first else "",
                "first": first,
                "first_text": first_problem(first) if first else "",
                "tabs": tabs_of(page),
                "is_broken": run.result in FAILED_RESULTS,
                "in_a_row": in_a_row(run),
                "runs_again": not why_not_again(run),
                "with_comparison": page.query(**{"with": "good"}),
                "without_comparison": page.query(**{"with": ""}),
            }
        )

    def neighbors(self) -> dict[str, object]:
        run = self.object
        siblings = Run.objects.for_workspace(self.request.workspace).filter(monitor=run.monitor_id)
        siblings = siblings.select_related("workspace")
        return {
            "older": siblings.filter(pk__lt=run.pk).first(),
            "newer": siblings.filter(pk__gt=run.pk).order_by("pk").first(),
        }


def why(run: Run) -> dict[str, object]:
    """Why a run failed, for the list above its requests: nothing while it goes on."""
    if not run.result:
        return {}
    causes = causes_of(run.detail)
    return {
        "causes": causes[:MAX_CAUSES],
        "more_causes": max(0, len(causes) - MAX_CAUSES),
        "missing": missing_variables(run.detail)[:MAX_CAUSES],
        "unsent": unsent_requests(run.detail.requests)[:MAX_CAUSES],
        "ended_early": run.result == Result.ABORT,
    }


def in_a_row(run: Run) -> str:
    """How many runs in a row failed, said of the newest one."""
    monitor = run.monitor
    if monitor.last_run_id != run.pk or monitor.consecutive_failures < 2 or not monitor.failing_since:
        return ""
    return f"{monitor.consecutive_failures} runs in a row, first at {full_datetime(monitor.failing_since)}"


def tabs_of(page: RunPage) -> list[tuple[str, str, str, bool]]:
    """Each tab with its label, a note, and whether that is bad."""
    request = page.request
    tests = len(request.assertions) if request else 0
    failed = len(request.failed_assertions) if request else 0
    note = f"{failed} of {tests} failed" if failed else str(tests or "")
    return [
        ("response", "Response", "", False),
        ("request", "Request", "", False),
        ("tests", "Tests", note, bool(failed)),
        ("timing", "Timing", "", False),
        ("console", "Console", str(len(page.lines) or ""), False),
    ]
