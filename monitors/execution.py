"""One run, from the claim of its row to its stored result."""

import logging
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from monitors import runner
from monitors.leases import keeper
from monitors.models import Monitor, RequestResult, Result, Run, RunConsole
from monitors.runner.http import EgressPolicy
from monitors.runner.sandbox import Zygote
from monitors.signals import run_failed, run_passed

log = logging.getLogger(__name__)


@cache
def zygote() -> Zygote:
    """One for the process; it boots with the first script."""
    return Zygote()


@cache
def egress() -> EgressPolicy:
    return EgressPolicy.allowing(settings.EGRESS_ALLOW)


def execute(run_id: int) -> None:
    """Executes the run if it is still queued. A run that is gone, taken or finished is left alone."""
    run = Run.objects.select_related("monitor__collection__latest", "monitor__environment").filter(pk=run_id).first()
    if run is None or not run.take(timezone.now()):
        return
    with keeper.hold(run):
        report = collect(run)
        store(run, report)
