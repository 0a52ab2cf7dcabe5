"""How a worker keeps the runs that it executes."""

import time

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from monitors.leases import LeaseKeeper
from monitors.models import Run
from monitors.models.runs import RunType
from tests.factories import make_monitor
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def claimed_run(workspace: Workspace) -> Run:
    run = Run.queue(make_monitor(workspace), "default", RunType.MANUAL)
    assert run.claim(timezone.now())
    return run


def is_renewed(run: Run, within: float) -> bool:
    before = Run.objects.get(pk=run.pk).leased_until
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if Run.objects.get(pk=run.pk).leased_until != before:
            return True
        time.sleep(0.05)
    return False


def test_a_result_that_is_being_stored_does_not_hold_up_other_runs(
    workspace: Workspace, settings: Settings
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite locks no single rows.")
    settings.RUN_LEASE_SECONDS = 1
    stored, running = claimed_run(workspace), claimed_run(workspace)
    keeper = LeaseKeeper()
    with keeper.renewing(stored), keeper.renewing(running), transaction.atomic():
        Run.objects.select_for_update().get(pk=stored.pk)
        assert is_renewed(running, within=3)
