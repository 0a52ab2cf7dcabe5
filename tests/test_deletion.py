"""What carries many rows is gone at once, and its rows are removed in batches in the background."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import Delivery, Incident, Integration
from monitors import worker
from monitors.models import (
    Collection,
    CollectionVersion,
    Environment,
    Monitor,
    RegionStatus,
    Result,
    Run,
    RunDetail,
)
from monitors.models.runs import RunStatus, RunType
from monitors.scheduling import schedule_due
from tests.conftest import client_of, signed_in
from tests.factories import (
    make_collection,
    make_console,
    make_environment,
    make_monitor,
    make_request_result,
    make_run,
    make_user,
)
from tests.integrations.factories import fail, make_integration
from workspaces import deletion
from workspaces.models import ApiKey, Membership, Role, Workspace

MANY = 300


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "BATCH", 50)
    monkeypatch.setattr(deletion, "LEAF_BATCH", 60)
    monkeypatch.setattr(deletion, "PAUSE_SECONDS", 0)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, environment=make_environment(workspace, token="hunter2"))


@pytest.fixture
def operator(db: None) -> Client:
    return signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))


def fill(monitor: Monitor, runs: int = MANY) -> None:
    monitor.refresh_from_db()
    now = timezone.now()
    made = Run.objects.bulk_create(
        Run(
            workspace=monitor.workspace,
            monitor=monitor,
            collection_version=monitor.collection.latest,
            number=monitor.last_run_number + number + 1,
            region="default",
            status=RunStatus.FINISHED,
            result=Result.SUCCESSFUL,
            scheduled_at=now - timedelta(minutes=number),
            queued_at=now,
        )
        for number in range(runs)
    )
    RunDetail.objects.bulk_create(RunDetail(run=run, document=b"") for run in made)
    monitor.last_run_number += runs
    Monitor.objects.filter(pk=monitor.pk).update(last_run=made[-1], last_run_number=monitor.last_run_number)


def statements(act: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured]


def rows_of_runs() -> int:
    return Run.objects.count() + RunDetail.objects.count()


class TestMonitors:
    def test_the_request_takes_as_many_queries_for_many_runs_and_touches_none_of_them(
        self, workspace: Workspace
    ) -> None:
        api = client_of(workspace, Role.EDITOR)
        few, many = make_monitor(workspace, "Few"), make_monitor(workspace, "Many")
        fill(few, runs=1)
        fill(many)
        before = rows_of_runs()
        api.get("/api/v1/monitors/")
        counts = []
        for monitor in (few, many):
            made = statements(partial(api.delete, f"/api/v1/monitors/{monitor.pk}/"))
            changes = [sql for sql in made if re.match("DELETE|UPDATE", sql)]
            assert not any(re.search(r'"monitors_(run|rundetail)"', sql) for sql in changes)
            counts.append(len(made))
        assert counts[0] == counts[1]
        assert rows_of_runs() == before

    def test_it_vanishes_at_once(self, as_editor: Client, monitor: Monitor) -> None:
        run = make_run(monitor)
        own = make_integration(monitor.workspace, monitor)
        api = client_of(monitor.workspace, Role.VIEWER)
        monitor.delete()
        slug = monitor.workspace.slug
        for path in (
            monitor.get_absolute_url(),
            run.get_absolute_url(),
            own.get_absolute_url(),
            f"/w/{slug}/monitors/{monitor.pk}/delete/",
        ):
            assert as_editor.get(path).status_code == 404
        assert "Checkout" not in as_editor.get(f"/w/{slug}/monitors/").content.decode()
        assert "Checkout" not in as_editor.get(monitor.workspace.get_absolute_url()).content.decode()
        for path in (f"monitors/{monitor.pk}/", f"runs/{run.pk}/", f"integrations/{own.pk}/"):
            assert api.get(f"/api/v1/{path}").status_code == 404
        for path in ("monitors", "runs", "integrations"):
            assert api.get(f"/api/v1/{path}/").json()["results"] == []

    def test_it_runs_no_more(self, monitor: Monitor) -> None:
        waiting = Run.queue(monitor, "default", RunType.MANUAL)
        Monitor.objects.update(next_run_at=timezone.now())
        monitor.delete()
        schedule_due()
        worker.execute(waiting.pk)
        assert list(Run.objects.values_list("pk", "status")) == [(waiting.pk, RunStatus.QUEUED)]

    def test_its_open_incident_is_resolved_first(self, monitor: Monitor) -> None:
        make_integration(monitor.workspace)
        fail(monitor)
        Delivery.objects.update(status="accepted", finished_at=timezone.now())
        monitor.delete()
        assert not Incident.objects.open().exists()
        assert Delivery.objects.filter(action="resolve").count() == 1
        deletion.purge(60)
        assert Delivery.objects.filter(action="resolve", status="pending").count() == 1

    def test_its_rows_are_removed_in_batches_and_those_of_others_stay(
        self, monitor: Monitor, workspace: Workspace
    ) -> None:
        other = make_monitor(workspace, "Other")
        make_request_result(make_run(other))
        fill(monitor)
        fail(monitor)
        make_integration(workspace, monitor)
        monitor.delete()
        made = statements(lambda: deletion.purge(60))
        assert not Monitor.all_objects.filter(pk=monitor.pk).exists()
        assert (Run.objects.get().monitor, RunDetail.objects.count()) == (other, 1)
        assert not Integration.objects.exists()
        assert [status.monitor for status in RegionStatus.objects.all()] == [other]
        changes = [sql for sql in made if re.match(r"DELETE|UPDATE", sql)]
        assert len(changes) > MANY / 50 * 3
        assert all(sql.count(",") <= 50 or "LIMIT 60" in sql for sql in changes)

    def test_one_that_is_killed_is_continued_by_the_next(
        self, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(monitor)
        monitor.delete()
        delete_some = deletion._delete_some
        batches: list[Any] = []

        def die_after_three(*arguments: Any) -> bool:
            if len(batches) == 6:
                raise SystemExit
            batches.append(arguments)
            return delete_some(*arguments)

        monkeypatch.setattr(deletion, "_delete_some", die_after_three)
        with pytest.raises(SystemExit):
            deletion.purge(60)
        assert 0 < rows_of_runs() < 2 * MANY
        monkeypatch.setattr(deletion, "_delete_some", delete_some)
        deletion.purge(60)
        assert rows_of_runs() == 0
        assert not Monitor.all_objects.exists()

    def test_it_stops_when_its_time_is_over(self, monitor: Monitor) -> None:
        fill(monitor)
        monitor.delete()
        deletion.purge(0)
        assert 0 < rows_of_runs() < 2 * MANY

    def test_its_environment_can_be_deleted_next_and_its_collection_too(
        self, as_editor: Client, monitor: Monitor
    ) -> None:
        monitor.delete()
        for thing in (Environment.objects.get(), monitor.collection):
            as_editor.post(f"{thing.get_absolute_url()}delete/")
        assert not Environment.objects.exists()
        assert not Collection.objects.exists()
        deletion.purge(60)
        assert not CollectionVersion.objects.exists()

    def test_its_name_may_be_used_again(self, monitor: Monitor, as_viewer: Client) -> None:
        monitor.delete()
        again = make_monitor(monitor.workspace, monitor.name)
        deletion.purge(60)
        assert as_viewer.get(again.get_absolute_url()).status_code == 200


class TestCollections:
    def test_one_that_a_monitor_runs_stays(self, as_editor: Client, monitor: Monitor) -> None:
        answer = as_editor.post(f"{monitor.collection.get_absolute_url()}delete/", follow=True)
        assert "delete the monitor first" in answer.content.decode()
        api = client_of(monitor.workspace, Role.EDITOR)
        assert api.delete(f"/api/v1/collections/{monitor.collection_id}/").status_code == 409
        assert Collection.objects.exists()

    def test_runs_of_its_versions_stay_without_them(self, workspace: Workspace) -> None:
        monitor = make_monitor(workspace)
        fill(monitor, runs=120)
        old = monitor.collection
        monitor.collection = make_collection(workspace, "New")
        monitor.save()
        old.delete()
        deletion.purge(60)
        assert not Collection.all_objects.filter(pk=old.pk).exists()
        assert Run.objects.filter(collection_version=None).count() == 120

    def test_one_that_a_monitor_took_at_the_same_moment_is_kept(self, workspace: Workspace) -> None:
        collection = make_collection(workspace)
        collection.delete()
        make_monitor(workspace, collection=collection)
        deletion.purge(60)
        assert Collection.objects.get().latest


class TestWorkspaces:
    def test_nobody_finds_it_and_nothing_of_it_runs(
        self, operator: Client, as_owner: Client, monitor: Monitor, workspace: Workspace
    ) -> None:
        api = client_of(workspace, Role.OWNER)
        make_integration(workspace)
        fail(monitor)
        Delivery.objects.update(status="accepted", finished_at=timezone.now())
        Monitor.objects.update(next_run_at=timezone.now())
        operator.post(reverse("admin:workspaces_workspace_delete", args=[workspace.pk]), {"post": "yes"})
        assert not Workspace.objects.exists()
        assert as_owner.get("/w/acme/").status_code == 404
        assert as_owner.get("/").status_code < 500
        assert api.get("/api/v1/monitors/").status_code == 401
        before = Run.objects.count()
        schedule_due()
        assert Run.objects.count() == before
        assert not Incident.objects.open().exists()

    def test_everything_of_it_is_removed_but_the_resolve_that_is_still_to_be_sent(
        self, monitor: Monitor, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        theirs = make_monitor(other_workspace)
        make_run(theirs)
        ApiKey.issue(workspace, "ci", Role.VIEWER)
        make_integration(workspace)
        make_console(fail(monitor))
        fill(monitor)
        Delivery.objects.update(status="accepted", finished_at=timezone.now())
        workspace.delete()
        deletion.purge(60)
        assert list(Workspace.all_objects.all()) == [other_workspace]
        assert list(Monitor.all_objects.all()) == [theirs]
        assert Run.objects.get().monitor == theirs
        assert Collection.all_objects.get() == theirs.collection
        assert not Integration.objects.exists()
        assert not Environment.objects.exists()
        assert not RunDetail.objects.exists()
        assert not ApiKey.objects.exists()
        assert Membership.objects.get().workspace == other_workspace
        assert Delivery.objects.get(action="resolve").status == "pending"

    def test_its_address_may_be_used_again_at_once(self, workspace: Workspace) -> None:
        workspace.delete()
        again = Workspace.create_with_owner("Acme", make_user("second@acme.example"))
        assert again.slug == "acme"
        deletion.purge(60)
        assert list(Workspace.all_objects.all()) == [again]


class TestAdmin:
    @pytest.mark.parametrize("page", ["workspaces_workspace_delete", "monitors_monitor_delete"])
    def test_the_question_before_deleting_counts_no_runs(
        self, operator: Client, monitor: Monitor, page: str
    ) -> None:
        pk = monitor.workspace_id if "workspace" in page else monitor.pk
        url = reverse(f"admin:{page}", args=[pk])
        few = statements(lambda: operator.get(url))
        fill(monitor)
        many = statements(lambda: operator.get(url))
        assert len(few) == len(many)
        assert not any('"monitors_run"' in sql for sql in many)
        assert "removed in the background" in operator.get(url).content.decode()

    def test_chosen_monitors_are_deleted_in_the_background_too(
        self, operator: Client, monitor: Monitor
    ) -> None:
        fill(monitor)
        chosen = {"action": "delete_selected", "_selected_action": [monitor.pk], "post": "yes"}
        operator.post(reverse("admin:monitors_monitor_changelist"), chosen)
        assert not Monitor.objects.exists()
        assert Run.objects.count() == MANY

    def test_a_collection_that_a_monitor_runs_is_not_deleted(
        self, operator: Client, monitor: Monitor
    ) -> None:
        url = reverse("admin:monitors_collection_delete", args=[monitor.collection_id])
        assert "is run by Checkout" in operator.get(url).content.decode()
        operator.post(url, {"post": "yes"})
        assert Collection.objects.exists()

    @pytest.mark.parametrize("model", ["run", "rundetail"])
    def test_long_lists_are_sorted_by_their_key_and_not_counted_to_the_end(
        self, operator: Client, monitor: Monitor, model: str
    ) -> None:
        fill(monitor, runs=60)
        made = statements(lambda: operator.get(reverse(f"admin:monitors_{model}_changelist")))
        of_model = [sql for sql in made if f'FROM "monitors_{model}"' in sql]
        assert of_model
        for sql in of_model:
            assert "LIMIT" in sql, sql
            assert "DISTINCT" not in sql, sql
            if order := re.search(r"ORDER BY (.*?) LIMIT", sql):
                key = "run_id" if model == "rundetail" else "id"
                assert re.fullmatch(rf'("monitors_{model}"\."{key}"|1) DESC', order[1]), sql
