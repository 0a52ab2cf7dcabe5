"""Decides of which requests the exchanges are kept, and stores them with their run."""

import threading
import time
from collections import OrderedDict
from uuid import UUID

from monitors.body_redaction import without_credentials
from monitors.models import Exchange, Monitor, Run
from monitors.report_documents import positions_of
from monitors.runner.options import Keep
from monitors.runner.report import RunReport, RunResult

KEEP_GOOD_SECONDS = 15 * 60
"""How old the good run that is kept for comparisons may be before another one replaces it. To encrypt all
bodies of every run would cost more than all else that is stored of it."""
MAX_REMEMBERED = 50_000


class GoodRuns:
    """Remembers when this process last kept the good run of each monitor and region."""

    def __init__(self) -> None:
        self._kept_at: OrderedDict[tuple[UUID, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def is_due(self, run: Run) -> bool:
        """Whether the good run that is kept should be replaced by this one."""
        kept_at = self._kept_at.get((run.monitor_id, run.region))
        return kept_at is None or time.monotonic() - kept_at >= KEEP_GOOD_SECONDS

    def note(self, run: Run) -> None:
        """Remembers that this run is kept."""
        with self._lock:
            self._kept_at[run.monitor_id, run.region] = time.monotonic()
            self._kept_at.move_to_end((run.monitor_id, run.region))
            if len(self._kept_at) > MAX_REMEMBERED:
                self._kept_at.popitem(last=False)


good_runs = GoodRuns()


def what_to_keep(run: Run, monitor: Monitor) -> Keep:
    """Of which requests of a run the exchanges are kept."""
    if not (monitor.keep_exchanges and monitor.workspace.keep_exchanges):
        return Keep.NONE
    return Keep.ALL if good_runs.is_due(run) else Keep.FAILED


def exchanges_of(run: Run, report: RunReport) -> list[Exchange]:
    """The exchanges of a report, encrypted and not stored yet."""
    is_good = report.result is RunResult.SUCCESSFUL
    positions = positions_of(report)
    for kept in report.exchanges:
        for message in filter(None, (kept.request, kept.response)):
            message.body.text = without_credentials(message.body.text)
    return [Exchange.of(run, positions[kept.execution], kept, is_good) for kept in report.exchanges]


def store(run: Run, exchanges: list[Exchange]) -> None:
    """Stores the exchanges of a run. Those of a good run replace the ones that were kept before."""
    if not exchanges:
        return
    if exchanges[0].is_good:
        Exchange.objects.good(run.monitor, run.region).delete()
        good_runs.note(run)
    Exchange.objects.bulk_create(exchanges)
