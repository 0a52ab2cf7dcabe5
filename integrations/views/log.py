"""The run log of an integration: what to show of it, its export, and sending again."""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.generic import View

from integrations import outbox
from integrations.models import Delivery, DeliveryStatus, Integration
from integrations.views.access import OwnedMixin
from workspaces.numbers import number_in

ROWS = 50
# Where a cell begins, also for a spreadsheet that divides at semicolons or tabs, and what makes it a formula.
FORMULA = re.compile(r"""^()(?=[\t\r\n])|(^|[;\t\r\n])(?=[ "']*+[=+\-@＝＋－＠])""")
COLUMNS = [
    "id",
    "created_at",
    "action",
    "test",
    "status",
    "monitor",
    "run",
    "attempts",
    "last_attempt_at",
    "next_attempt_at",
    "finished_at",
    "response_status",
    "response_text",
]


class Log:
    """A page of an integration's deliveries, the newest first, filtered as the address says."""

    def __init__(self, integration: Integration, query: Any) -> None:
        chosen = query.get("status", "")
        self.status = DeliveryStatus(chosen) if chosen in DeliveryStatus.values else None
        self.before = number_in(query.get("before", ""))
        self.statuses = list(DeliveryStatus)
        self._all = filtered(integration, self.status)

    @property
    def deliveries(self) -> list[Delivery]:
        return self._page[:ROWS]

    @property
    def older(self) -> int | None:
        """What `before` is to be for the next page."""
        return self._page[ROWS - 1].pk if len(self._page) > ROWS else None

    @property
    def _page(self) -> list[Delivery]:
        if not hasattr(self, "_rows"):
            rows = self._all if self.before is None else self._all.filter(pk__lt=self.before)
            self._rows = list(rows[: ROWS + 1])
        return self._rows


def filtered(integration: Integration, status: DeliveryStatus | None) -> QuerySet[Delivery]:
    deliveries: QuerySet[Delivery] = integration.deliveries.for_log()
    return deliveries.filter(status=status) if status else deliveries


class ExportView(OwnedMixin[Integration], View):
    """The whole log as CSV or JSON, a row at a time."""

    model = Integration

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> StreamingHttpResponse:
        deliveries = filtered(self.object, Log(self.object, request.GET).status)
        if kwargs["format"] == "csv":
            lines, content_type = csv_lines(deliveries), "text/csv; charset=utf-8"
        else:
            lines, content_type = json_lines(deliveries), "application/json"
        response = StreamingHttpResponse(lines, content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="run-log.{kwargs["format"]}"'
        return response


def row_of(delivery: Delivery) -> dict[str, Any]:
    values = {
        "id": delivery.pk,
        "action": delivery.action,
        "test": delivery.is_test,
        "status": delivery.status,
        "monitor": delivery.monitor.name if delivery.monitor else None,
        "run": delivery.run_id,
        "attempts": delivery.attempts,
        "response_status": delivery.response_status,
        "response_text": delivery.response_text,
    }
    for name in ("created_at", "last_attempt_at", "finished_at", "next_attempt_at"):
        at = None if name == "next_attempt_at" and delivery.is_finished else getattr(delivery, name)
        values[name] = at.isoformat() if at else None
    return {name: values[name] for name in COLUMNS}


def csv_lines(deliveries: QuerySet[Delivery]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for delivery in deliveries.iterator(chunk_size=500):
        yield writer.writerow([escape_csv_formula(value) for value in row_of(delivery).values()])


def json_lines(deliveries: QuerySet[Delivery]) -> Iterator[str]:
    """An array, a line an object."""
    separator = "[\n"
    for delivery in deliveries.iterator(chunk_size=500):
        yield separator + json.dumps(row_of(delivery))
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def escape_csv_formula(value: Any) -> Any:
    """Spreadsheets would take text that begins like a formula for one, but not behind an apostrophe."""
    return FORMULA.sub(r"\2'", value) if isinstance(value, str) else value


class _Echo:
    """What csv writes to, so that each line can be handed on."""

    def write(self, line: str) -> str:
        return line


class SendAgainView(OwnedMixin[Delivery], View):
    model = Delivery

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        integration = self.object.kept_integration
        if integration is None:
            raise Http404
        if outbox.resend(self.object):
            messages.success(request, "The event is sent again.")
        elif integration.is_paused:
            messages.warning(request, f"{integration} is paused and sends nothing: resume it first.")
        else:
            messages.warning(
                request, "This event is out of date: it was accepted, or something newer was sent since."
            )
        return redirect(integration)
