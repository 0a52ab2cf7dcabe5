"""What the page of a run shows: its requests as rows, and one of them in full."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from django.utils.functional import cached_property

from monitors.comparison import matching, run_to_compare
from monitors.models import Run
from monitors.models.runs import RunStatus
from monitors.request_results import ConsoleLine, RequestResult, SentRequestResult
from monitors.run_causes import deciding_request
from monitors.waterfall import Bar, Phase, Scale, phases_of

Tab = Literal["response", "request", "tests", "timing", "console"]
TABS: tuple[Tab, ...] = ("response", "request", "tests", "timing", "console")
ROWS = 300
"""Requests on one page: a run may have thousands."""
MAX_SCRIPT_REQUESTS = 20


@dataclass(frozen=True)
class Row:
    """A request in the list."""

    request: RequestResult
    bar: Bar | None
    script_requests: list[tuple[SentRequestResult, Bar]]
    other: RequestResult | None
    ghost: Bar | None
    """Where it was in the run that this one is compared with."""
    query: str
    folder: str
    """The folder, where it differs from that of the row before."""
    is_current: bool

    @property
    def more_script_requests(self) -> int:
        return len(self.request.script_requests) - len(self.script_requests)

    @property
    def delta_ms(self) -> int | None:
        if not self.other or self.request.response_time_ms is None or self.other.response_time_ms is None:
            return None
        return self.request.response_time_ms - self.other.response_time_ms


class RunPage:
    """One view of a run: which request is open, on which tab, and with which run it is compared."""

    def __init__(self, run: Run, parameters: dict[str, str], may_read_exchanges: bool) -> None:
        self.run = run
        self.may_read_exchanges = may_read_exchanges
        self.requests = run.detail.requests
        self.tab = next((tab for tab in TABS if tab == parameters.get("tab")), TABS[0])
        chosen = parameters.get("request", "")
        self.is_chosen = chosen.isascii() and chosen.isdigit() and int(chosen[:9]) < len(self.requests)
        self.position = int(chosen[:9]) if self.is_chosen else self._first_failure()
        self.compare_with = parameters.get("with", "")

    def _first_failure(self) -> int:
        deciding = deciding_request(self.run.detail, self.run.result)
        failed = (each.position for each in self.requests if each.counts and not each.passed)
        return deciding.position if deciding else next(failed, 0)

    @property
    def is_running(self) -> bool:
        return self.run.status != RunStatus.FINISHED

    @cached_property
    def other(self) -> Run | None:
        """The run to compare with. One that does not exist is ignored: the link may be old."""
        return run_to_compare(self.run, self.compare_with)

    @cached_property
    def others(self) -> dict[int, RequestResult]:
        return matching(self.requests, self.other.detail.requests) if self.other else {}

    @cached_property
    def request(self) -> RequestResult | None:
        return self.requests[self.position] if self.requests else None

    @cached_property
    def other_request(self) -> RequestResult | None:
        return self.others.get(self.position)

    @cached_property
    def delta_ms(self) -> int | None:
        return next((row.delta_ms for row in self.rows if row.is_current), None)

    def query(self, **changes: object) -> str:
        """The query of the same view with something changed."""
        now = {"request": self.position, "tab": self.tab, "with": self.compare_with} | changes
        wanted = {name: value for name, value in now.items() if value not in ("", None)}
        if wanted.get("tab") == TABS[0]:
            del wanted["tab"]
        return f"?{urlencode(wanted)}"

    @cached_property
    def scale(self) -> Scale:
        """For this run and the one that it is compared with."""
        return Scale.of([*self.requests, *self.others.values()])

    @property
    def first_shown(self) -> int:
        return self.position // ROWS * ROWS

    @property
    def earlier(self) -> str:
        return self.query(request=self.first_shown - ROWS) if self.first_shown else ""

    @property
    def later(self) -> str:
        following = self.first_shown + ROWS
        return self.query(request=following) if following < len(self.requests) else ""

    @property
    def sent_count(self) -> int:
        return sum(request.is_sent for request in self.requests)

    @cached_property
    def rows(self) -> list[Row]:
        shown = self.requests[self.first_shown : self.first_shown + ROWS]
        folders = [None, *(request.folder for request in shown)]
        return [
            self._row(request, request.folder if request.folder != before else "")
            for request, before in zip(shown, folders, strict=False)
        ]

    def _row(self, request: RequestResult, folder: str) -> Row:
        other = self.others.get(request.position)
        return Row(
            request,
            self.scale.bar(request) if request.is_sent else None,
            [(sent, self.scale.bar(sent)) for sent in request.script_requests[:MAX_SCRIPT_REQUESTS]],
            other,
            self.scale.bar(other) if other and other.is_sent else None,
            self.query(request=request.position),
            folder,
            request.position == self.position,
        )

    @property
    def phases(self) -> list[Phase]:
        return phases_of(self.request, self.other_request) if self.request else []

    @property
    def lines(self) -> list[ConsoleLine]:
        """The console: of the open request on its tab."""
        return [line for line in self.run.detail.console if line.position == self.position]

    @property
    def run_lines(self) -> list[ConsoleLine]:
        """The whole console, for a run without requests."""
        return self.run.detail.console

    @cached_property
    def lines_of_no_request(self) -> list[ConsoleLine]:
        """The console of the run itself: its stages, and how many lines were left out."""
        return [line for line in self.run.detail.console if line.position is None]
