"""What the page of a run shows of a request as it was sent, and of the response."""

from django.utils.functional import cached_property

from monitors.comparison import ComparedHeader, compared_bodies, compared_headers, exchange_of
from monitors.json_lines import Line, lines_of
from monitors.models import Run
from monitors.runner.captures import KeptExchange, KeptMessage
from monitors.views.run_page import RunPage
from workspaces.fields import SecretUnreadable
from workspaces.json_values import parse_json

MAX_LINES = 2000
"""Lines of a body that are shown."""
SAYING = ("error", "message", "detail", "title", "error_description")
MAX_SAID = 200
"""Members of a JSON body in which servers say what is wrong."""


class ExchangeView:
    """The request and the response of a page's open request, beside those that they are compared with."""

    def __init__(self, page: RunPage) -> None:
        self._page = page
        self.is_unreadable = False

    @cached_property
    def exchange(self) -> KeptExchange | None:
        page = self._page
        return self._read(page.run, page.position) if page.may_read_exchanges and page.request else None

    @cached_property
    def other(self) -> KeptExchange | None:
        page = self._page
        if not (page.may_read_exchanges and page.other and page.other_request):
            return None
        return self._read(page.other, page.other_request.position)

    def _read(self, run: Run, position: int) -> KeptExchange | None:
        try:
            return exchange_of(run, position)
        except SecretUnreadable:
            self.is_unreadable = True
            return None

    @property
    def why_missing(self) -> str:
        """Why there is no exchange to show; empty when there is one."""
        page = self._page
        if self.exchange or page.request is None or page.is_running or not page.request.is_sent:
            return ""
        if not page.may_read_exchanges:
            return "Editors see here what was sent and received."
        if self.is_unreadable:
            return "What was sent and received cannot be read: its encryption key is missing."
        if not (page.run.monitor.keep_exchanges and page.run.workspace.keep_exchanges):
            return (
                "What was sent and received is not kept: that is switched off for this monitor or workspace."
            )
        if page.request.passed:
            return "What was sent and received is kept of requests that failed, and of the last good run."
        return "What was sent and received is not kept any longer."

    @cached_property
    def said(self) -> str:
        """The error that the server describes in its response; empty when it describes none."""
        return said_by(self.exchange.response) if self.exchange else ""

    def headers(self) -> list[ComparedHeader]:
        message, other = self.message, self.other_message
        return compared_headers(message, other) if message else []

    @property
    def message(self) -> KeptMessage | None:
        """The part that the open tab shows."""
        return self._part(self.exchange)

    @property
    def other_message(self) -> KeptMessage | None:
        return self._part(self.other)

    def _part(self, exchange: KeptExchange | None) -> KeptMessage | None:
        if exchange is None:
            return None
        return exchange.request if self._page.tab == "request" else exchange.response

    @cached_property
    def body(self) -> list[Line]:
        """The lines of the body, with what differs in the other run when there is one."""
        message, other = self.message, self.other_message
        if message is None or message.body.is_binary:
            return []
        lines = compared_bodies(message, other) if other else lines_of(message.body.text)
        return lines[: MAX_LINES + 1] if message.body.text else []

    @property
    def shown_body(self) -> list[Line]:
        return self.body[:MAX_LINES]

    @property
    def is_body_cut(self) -> bool:
        return len(self.body) > MAX_LINES


def said_by(response: KeptMessage | None) -> str:
    """The sentence in which a server says what is wrong."""
    if response is None or response.body.is_cut or not response.body.text.lstrip().startswith("{"):
        return ""
    return _said_in(response.body.text)


def _said_in(text: str) -> str:
    try:
        body = parse_json(text)
    except ValueError:
        return ""
    errors = body.get("error")
    for part in (body, errors if isinstance(errors, dict) else {}):
        for name in SAYING:
            said = part.get(name)
            if isinstance(said, str) and said.strip():
                return said.strip()[:MAX_SAID]
    return ""
