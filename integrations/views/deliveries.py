"""The deliveries of an integration: run log, export, resending, and the progress of a test event."""

import csv
import json
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import overload

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.generic import DetailView

from integrations import event_progress, outbox
from integrations.filters import DeliveryFilter
from integrations.models import Delivery, DeliveryStatus, Installation, Integration
from integrations.views.base import ObjectWorkspaceMixin
from workspaces.numbers import number_in

PAGE_SIZE = 50
CSV_FORMULA = re.compile(r"""^()(?=[\t\r\n])|(^|[;\t\r\n])(?=[ "']*+[=+\-@＝＋－＠])""")
"""The start of a cell with a formula, also in spreadsheets that split at semicolons or tabs."""
COLUMNS = (
    *("id", "created_at", "action", "test", "status", "monitor", "run", "attempts"),
    *("last_attempt_at", "next_attempt_at", "finished_at", "response_status", "response_text"),
)

Cell = str | int | bool | None


class RunLog:
    """One page of an integration's deliveries, newest first, as the query of the URL says.

    `status` filters them; `before` is the id of the last delivery on the previous page.
    """

    statuses = list(DeliveryStatus)

    def __init__(self, integration: Integration, query: QueryDict) -> None:
        filterset = DeliveryFilter(query, integration.deliveries.for_log())  # type: ignore[no-untyped-call]
        self.all: QuerySet[Delivery] = filterset.qs
        self.status: str = filterset.form.cleaned_data.get("status", "")
        self.before = number_in(query.get("before", ""))

    @property
    def deliveries(self) -> list[Delivery]:
        return self._rows[:PAGE_SIZE]

    @property
    def older(self) -> int | None:
        """The value of `before` for the next page; None on the last page."""
        return self._rows[PAGE_SIZE - 1].pk if len(self._rows) > PAGE_SIZE else None

    @cached_property
    def _rows(self) -> list[Delivery]:
        rows = self.all if self.before is None else self.all.filter(pk__lt=self.before)
        return list(rows[: PAGE_SIZE + 1])


class ExportDeliveriesView(ObjectWorkspaceMixin[Integration]):
    """All pages of the run log as CSV or JSON, streamed."""

    model = Integration

    def get(self, request: HttpRequest, *args: object, **kwargs: str) -> StreamingHttpResponse:
        deliveries = RunLog(self.object, request.GET).all
        if kwargs["format"] == "csv":
            lines, content_type = csv_lines(deliveries), "text/csv; charset=utf-8"
        else:
            lines, content_type = json_lines(deliveries), "application/json"
        response = StreamingHttpResponse(lines, content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="run-log.{kwargs["format"]}"'
        return response


def export_row(delivery: Delivery) -> dict[str, Cell]:
    """A delivery's values by column."""
    times = {name: getattr(delivery, name) for name in COLUMNS if name.endswith("_at")}
    if delivery.is_finished:
        times["next_attempt_at"] = None
    values: dict[str, Cell] = {
        "id": delivery.pk,
        "action": delivery.action,
        "test": delivery.is_test,
        "status": delivery.status,
        "monitor": delivery.monitor.name if delivery.monitor else None,
        "run": delivery.run_id,
        "attempts": delivery.attempts,
        "response_status": delivery.response_status,
        "response_text": delivery.response_text,
        **{name: at.isoformat() if at else None for name, at in times.items()},
    }
    return {name: values[name] for name in COLUMNS}


def csv_lines(deliveries: QuerySet[Delivery]) -> Iterator[str]:
    """A header line, and a line for each delivery."""
    writer = csv.writer(_Echo())
    rows = (export_row(delivery).values() for delivery in deliveries.iterator(chunk_size=500))
    for row in chain([COLUMNS], rows):
        yield writer.writerow([escape_csv_formula(value) for value in row])


def json_lines(deliveries: QuerySet[Delivery]) -> Iterator[str]:
    """An array with one line for each delivery."""
    separator = "[\n"
    for delivery in deliveries.iterator(chunk_size=500):
        yield separator + json.dumps(export_row(delivery))
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


@overload
def escape_csv_formula(value: str) -> str: ...
@overload
def escape_csv_formula(value: Cell) -> Cell: ...
def escape_csv_formula(value: Cell) -> Cell:
    """Puts an apostrophe before text that a spreadsheet would run as a formula."""
    return CSV_FORMULA.sub(r"\2'", value) if isinstance(value, str) else value


class _Echo:
    """A file for `csv` whose `write` returns the line, as Django's documentation streams large CSV files."""

    def write(self, line: str) -> str:
        return line


class ResendView(ObjectWorkspaceMixin[Delivery]):
    """Sends a copy of a delivery, because a person asks for it."""

    model = Delivery

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        integration = self.object.kept_integration
        if integration is None:
            raise Http404
        if outbox.resend(self.object):
            messages.success(request, "The event is being sent again.")
        elif integration.is_paused:
            messages.warning(request, f"{integration} is paused and sends nothing. Resume it first.")
        else:
            messages.warning(
                request, "This event is out of date: it was accepted, or a newer one was sent since."
            )
        return redirect(integration)


class TestProgressView(ObjectWorkspaceMixin[Delivery], DetailView[Delivery]):
    """The progress of a test event, which the integration's page shows."""

    queryset = Delivery.objects.filter(is_test=True).select_related("incident")
    context_object_name = "test"
    template_name = "integrations/_test.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "steps": event_progress.steps(self.object),
            "is_over": event_progress.is_over(self.object),
            "installation": Installation.this(),
        }
