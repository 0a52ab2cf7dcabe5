"""The mails' subjects, texts and HTML. They stay short, however many requests or monitors failed."""

from typing import Literal, NotRequired, TypedDict

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from integrations.email.recipients import unsubscribe_path
from integrations.email.stats import MonitorStats
from integrations.failures import failures_of
from integrations.models import Integration
from integrations.texts import one_line
from monitors.models import Outage, Run

MAX_SUBJECT = 200
MAX_NAME = 100
MAX_SUMMARY = 300
MAX_CAUSES = 5
MAX_ROWS = 20


class Mail(TypedDict):
    """The body of a delivery."""

    subject: str
    text: str
    html: str
    to: NotRequired[str]
    """The only recipient; without it the mail goes to all recipients of the integration."""
    headers: NotRequired[dict[str, str]]


def failed_mail(integration: Integration, run: Run, failed: int, *, is_last: bool) -> Mail:
    """`failed` counts the consecutive failed runs; `is_last`: no mail follows until the monitor recovers."""
    return _run_mail("failed", integration, run, failed, is_last)


def recovered_mail(integration: Integration, run: Run, failed: int) -> Mail:
    """`failed` counts the consecutive failed runs before this one."""
    return _run_mail("recovered", integration, run, failed)


def test_mail(integration: Integration) -> Mail:
    """The mail that shows people whether mail arrives."""
    page = settings.SITE_URL + integration.get_absolute_url()
    return _render("test", f"[TEST] Mail of {integration.name}", integration, {"button_url": page})


def summary_mail(integration: Integration, period: str, stats: list[MonitorStats], to: str) -> Mail:
    """A summary of a "day" or "week". Mail programs offer to unsubscribe by its headers (RFC 8058)."""
    failing = sum(each.failed > 0 for each in stats)
    runs = sum(each.runs for each in stats)
    outcome = (
        f"{failing} of {len(stats)} had failures" if failing else "all runs passed" if runs else "no runs"
    )
    unsubscribe_url = settings.SITE_URL + unsubscribe_path(integration, to)
    monitors_url = settings.SITE_URL + reverse("monitors:monitors", args=[integration.workspace.slug])
    mail = _render(
        "summary",
        f"{integration.watches} this {period}: {outcome}",
        integration,
        {
            "button_url": monitors_url,
            "monitors_url": monitors_url,
            "watches": one_line(integration.watches, MAX_NAME),
            "period": period,
            "failing": failing,
            "headline": _headline(stats, runs),
            "rows": [_row(each) for each in stats[:MAX_ROWS]],
            "more": len(stats[MAX_ROWS:]),
            "unsubscribe_url": unsubscribe_url,
        },
    )
    mail["to"] = to
    mail["headers"] = {
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return mail


def _run_mail(
    kind: Literal["failed", "recovered"],
    integration: Integration,
    run: Run,
    failed: int,
    is_last: bool = False,
) -> Mail:
    # Each region fails and recovers by itself, so a mail names its region if there are several.
    region = run.region if len(run.monitor.regions) > 1 else ""
    monitor = one_line(run.monitor.name, MAX_NAME)
    failures = failures_of(run)
    subject = f"{monitor} {kind} in {region}" if region else f"{monitor} {kind}"
    if kind == "failed" and run.summary:
        subject += f": {run.summary}"
    run_url = settings.SITE_URL + run.get_absolute_url()
    return _render(
        kind,
        subject,
        integration,
        {
            "button_url": run_url,
            "run": run,
            "run_url": run_url,
            "monitor": monitor,
            "monitor_url": settings.SITE_URL + run.monitor.get_absolute_url(),
            "outage_url": _outage_url(run) if kind == "failed" else "",
            "region": region,
            "failed": failed,
            "is_last": is_last,
            "failures": failures[:MAX_CAUSES],
            "more_causes": len(failures[MAX_CAUSES:]),
            "summary": one_line(run.summary, MAX_SUMMARY),
        },
    )


def _outage_url(run: Run) -> str:
    """The page where people acknowledge the outage. Empty if the run of a paused monitor opened none."""
    outage = Outage.objects.open().filter(monitor=run.monitor).first()
    if outage is None:
        return ""
    return settings.SITE_URL + reverse("monitors:outage", args=[run.workspace.slug, outage.pk])


def _headline(stats: list[MonitorStats], runs: int) -> str:
    """ "65 monitors, 1,204 runs, 3 of them failed." """
    failed = sum(each.failed for each in stats)
    monitors = f"{len(stats):,} monitor{'' if len(stats) == 1 else 's'}"
    return f"{monitors}, {runs:,} run{'' if runs == 1 else 's'}, {failed:,} of them failed."


def _row(stats: MonitorStats) -> dict[str, object]:
    return {
        "name": one_line(stats.monitor.name, MAX_NAME),
        "url": settings.SITE_URL + stats.monitor.get_absolute_url(),
        "runs": stats.runs,
        "failed": stats.failed,
        "response_time_ms": stats.response_time_ms,
    }


def _render(kind: str, subject: str, integration: Integration, context: dict[str, object]) -> Mail:
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
