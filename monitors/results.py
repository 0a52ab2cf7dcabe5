"""Stores what a run found."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from monitors import exchanges, rollups
from monitors.models import Monitor, Result, Run, RunDetail
from monitors.models.runs import RunStatus
from monitors.report_documents import document_of
from monitors.runner.report import RunReport, RunResult
from monitors.signals import run_failed, run_passed
from workspaces.json_values import strip_unstorable

log = logging.getLogger(__name__)


def store_report(run: Run, report: RunReport) -> None:
    """Stores the run and all that it found, and what the receivers of the signals add, in one transaction."""
    assert run.started_at is not None, "Only a run that was claimed is stored."
    started_at = run.started_at
    totals, detail = report.totals, RunDetail.of(run, document_of(report))
    kept_exchanges = exchanges.exchanges_of(run, report)
    with transaction.atomic():
        # Two runs of a monitor that end at once are recorded one after the other. The lock lets others add
        # rows that refer to the monitor meanwhile: they may hold what this transaction needs next.
        monitor = (
            Monitor.objects.select_for_update(of=("self",), no_key=True)
            .select_related("workspace", "collection", "environment")
            .filter(pk=run.monitor_id)
            .first()
        )
        kept = run.finish(
            RunStatus.FINISHED,
            result=Result(report.result.value),
            summary=strip_unstorable(summary_of(report))[:500],
            finished_at=started_at + timedelta(milliseconds=report.duration_ms),
            collection_version=run.monitor.collection.latest,
            request_count=totals.requests,
            passed_tests=totals.assertions - totals.failed_assertions - totals.skipped_assertions,
            failed_tests=totals.failed_assertions,
            error_count=totals.failed_requests + totals.script_errors,
            response_time_ms=totals.average_response_ms,
        )
        if monitor is None or not kept:
            log.info("Run %s was deleted or given to another worker; its result is dropped.", run.pk)
            return
        detail.store()
        exchanges.store(run, kept_exchanges)
        run.monitor, run.workspace = monitor, monitor.workspace
        monitor.record_run(run)
        rollups.count_run(run, rollups.counted_requests(report.counted))
        signal = run_passed if run.result == Result.SUCCESSFUL else run_failed
        signal.send(sender=Run, run=run)


SYSTEM_ERROR = "Postwatch could not execute this run. The operator finds the reason in the worker's log."


@transaction.atomic
def store_system_error(run: Run, summary: str = SYSTEM_ERROR, now: datetime | None = None) -> None:
    """Ends a run that could not be executed. No signal is sent, so nobody is paged."""
    monitor = Monitor.objects.select_for_update(no_key=True).filter(pk=run.monitor_id).first()
    finished_at = now or timezone.now()
    kept = run.finish(
        RunStatus.FINISHED, result=Result.SYSTEM_ERROR, summary=summary, finished_at=finished_at
    )
    if monitor is not None and kept:
        rollups.count_run(run)


def summary_of(report: RunReport) -> str:
    """What failed first, in one sentence; empty for a good run."""
    if report.error:
        return report.error
    # Where a request or a script failed, that made the result, and not a test that failed before.
    for execution in sorted(report.counted, key=lambda counted: counted.result is not RunResult.ERROR):
        if execution.error:
            return f"{execution.item_name}: {execution.error.message}"
        if execution.script_errors:
            error = execution.script_errors[0]
            return f"{execution.item_name}: {error.name}: {error.message}"
        if execution.failed_assertions:
            test = execution.failed_assertions[0]
            return f"{execution.item_name}: {test.name}: {test.error}"
    return ""
