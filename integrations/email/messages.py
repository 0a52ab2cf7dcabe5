"""What the mails say: subject, text and HTML, short however much failed."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from integrations.base import Json
from integrations.email import recipients
from integrations.email.figures import Row
from integrations.failures import failures_of
from integrations.models import Integration
from integrations.texts import one_line
from monitors.models import Run

MAX_SUBJECT = 200
MAX_NAME = 100
MAX_SUMMARY = 300
MAX_CAUSES = 5
MAX_ROWS = 20


def of_run(kind: str, integration: Integration, run: Run, failed: int, *, is_last: bool = False) -> Json:
    """`kind` is failed or recovered; `failed` counts the failed runs in a row."""
    # Each region fails and recovers by itself: where there are several, a mail says of which it speaks.
    region = run.region if len(run.monitor.regions) > 1 else ""
    monitor = one_line(run.monitor.name, MAX_NAME)
    failures = failures_of(run)
    subject = f"{monitor} {kind} in {region}" if region else f"{monitor} {kind}"
    if kind == "failed" and run.summary:
        subject += f": {run.summary}"
    run_url = settings.SITE_URL + run.get_absolute_url()
    return _mail(
        kind,
        subject,
        integration,
        button_url=run_url,
        run=run,
        run_url=run_url,
        monitor=monitor,
        monitor_url=settings.SITE_URL + run.monitor.get_absolute_url(),
        region=region,
        failed=failed,
        is_last=is_last,
        failures=failures[:MAX_CAUSES],
        more_causes=len(failures[MAX_CAUSES:]),
        summary=one_line(run.summary, MAX_SUMMARY),
    )


def of_test(integration: Integration) -> Json:
    page = settings.SITE_URL + integration.get_absolute_url()
    return _mail("test", f"[TEST] Mail of {integration.name}", integration, button_url=page)


def of_summary(integration: Integration, span: str, rows: list[Row], to: str) -> Json:
    """RFC 8058's headers let mail programs offer to end the summaries beside the mail."""
    failing = sum(row.failed > 0 for row in rows)
    runs = sum(row.runs for row in rows)
    news = f"{failing} of {len(rows)} had failures" if failing else "all runs passed" if runs else "no runs"
    end_url = settings.SITE_URL + recipients.ending_path(integration, to)
    monitors_url = settings.SITE_URL + reverse("monitors:monitors", args=[integration.workspace.slug])
    mail = _mail(
        "summary",
        f"{integration.watches} this {span}: {news}",
        integration,
        button_url=monitors_url,
        monitors_url=monitors_url,
        watches=one_line(integration.watches, MAX_NAME),
        span=span,
        failing=failing,
        headline=_headline(rows, runs),
        rows=[_row(row) for row in rows[:MAX_ROWS]],
        more=len(rows[MAX_ROWS:]),
        end_url=end_url,
    )
    headers = {"List-Unsubscribe": f"<{end_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return mail | {"to": to, "headers": headers}


def _headline(rows: list[Row], runs: int) -> str:
    """ "65 monitors, 1,204 runs, 3 of them failed." """
    failed = sum(row.failed for row in rows)
    monitors = f"{len(rows):,} monitor{'' if len(rows) == 1 else 's'}"
    return f"{monitors}, {runs:,} run{'' if runs == 1 else 's'}, {failed:,} of them failed."


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": one_line(row.monitor.name, MAX_NAME),
        "url": settings.SITE_URL + row.monitor.get_absolute_url(),
        "runs": row.runs,
        "failed": row.failed,
        "response_time_ms": row.response_time_ms,
    }


def _mail(kind: str, subject: str, integration: Integration, **context: Any) -> Json:
    subject = one_line(subject, MAX_SUBJECT)
    context |= {
        "subject": subject,
        "integration": one_line(integration.name, MAX_NAME),
        "workspace": one_line(integration.workspace.name, MAX_NAME),
        "integration_url": settings.SITE_URL + integration.get_absolute_url(),
    }
    return {
        "subject": subject,
        "text": render_to_string(f"email/{kind}.txt", context),
        "html": render_to_string(f"email/{kind}.html", context),
    }
