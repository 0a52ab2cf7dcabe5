"""Monitors of earlier versions of the database get the second that a new monitor with their id gets."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

from monitors.models import Monitor
from workspaces.models import Workspace

migration = import_module("monitors.migrations.0016_second_of_the_minute")

BEFORE = [("monitors", "0015_count_former_runs")]
MONITORS = 25


def migrate(targets: list[tuple[str, str]] | None = None) -> StateApps:
    """Migrates to these states, or to the newest. Returns the models of then."""
    executor = MigrationExecutor(connection)
    targets = targets or executor.loader.graph.leaf_nodes()
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def old(transactional_db: None) -> Iterator[StateApps]:
    """The models as they were."""
    yield migrate(BEFORE)
    migrate()


def test_each_gets_its_own_second_in_batches(old: StateApps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "BATCH", 10)
    workspace = Workspace.objects.create(name="Acme", slug="acme").pk
    collection = old.get_model("monitors", "Collection").objects.create(workspace_id=workspace, name="Orders")
    for number in range(MONITORS):
        old.get_model("monitors", "Monitor").objects.create(
            workspace_id=workspace, collection=collection, name=f"Shop {number}"
        )
    migrate()
    seconds = {monitor.pk: monitor.second for monitor in Monitor.objects.all()}
    assert len(seconds) == MONITORS
    assert seconds == {pk: pk.int % 60 for pk in seconds}
