"""An integration with a long run log is gone at once; its rows are put right in the background."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import (
    Action,
    ClosedBecause,
    Delivery,
    DeliveryStatus,
    Incident,
    Integration,
    RegionStreak,
)
from integrations.pagerduty.standin import StandIn
from integrations.reconciling import reconcile
from monitors.models import Monitor
from tests.conftest import client_of, signed_in
from tests.factories import make_user
from tests.integrations.email.test_email import make_email
from tests.integrations.factories import deliver_all, fail, make_integration, only_delivery
from workspaces import deletion
from workspaces.models import Role

pytestmark = pytest.mark.django_db

MANY = 300
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "LEAF_BATCH", 60)
    monkeypatch.setattr(deletion, "PAUSE_SECONDS", 0)


def fill(integration: Integration) -> None:
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            workspace=integration.workspace,
            integration=integration,
            provider=integration.provider,
            stream=f"alone/{number}",
            action=Action.RESULT,
            body={},
            status=DeliveryStatus.ACCEPTED,
            next_attempt_at=now,
            message_sent_at=now,
            created_at=now,
            finished_at=now,
        )
        for number in range(MANY)
    )


def statements(act: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured]


def test_the_request_touches_no_delivery(monitor: Monitor) -> None:
    api = client_of(monitor.workspace, Role.EDITOR)
    few, many = (make_integration(monitor.workspace, monitor, name=name) for name in ("Few", "Many"))
    fill(many)
    api.get("/api/v1/integrations/")
    counts = []
    for integration in (few, many):
        made = statements(partial(api.delete, f"/api/v1/integrations/{integration.pk}/"))
        assert not any(re.match(r'(UPDATE|DELETE FROM) "integrations_delivery"', sql) for sql in made)
        counts.append(len(made))
    assert counts[0] == counts[1]
    assert api.get("/api/v1/integrations/").json()["results"] == []


def test_nobody_finds_it_any_more(integration: Integration, as_editor: Client) -> None:
    fill(integration)
    log_entry = Delivery.objects.latest("id")
    page = integration.get_absolute_url()
    as_editor.post(reverse("integrations:delete", args=[integration.pk]))
    assert as_editor.get(page).status_code == 404
    assert integration.name not in as_editor.get(reverse("integrations:configured")).content.decode()
    assert as_editor.post(reverse("integrations:resend", args=[log_entry.pk])).status_code == 404
    api = client_of(integration.workspace, Role.EDITOR)
    for path in ("", "deliveries/"):
        assert api.get(f"/api/v1/integrations/{integration.pk}/{path}").status_code == 404


def test_it_is_notified_of_no_further_run(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    integration.delete()
    fail(monitor)
    reconcile(timezone.now())
    deliver_all()
    assert (standin.events, Incident.objects.count()) == ([], 0)


def test_what_is_open_is_resolved_and_its_page_says_that_it_was_deleted(
    integration: Integration, monitor: Monitor, standin: StandIn, as_viewer: Client
) -> None:
    fail(monitor)
    deliver_all()
    integration.delete()
    incident = Incident.objects.get()
    for _ in range(2):
        page = as_viewer.get(incident.get_absolute_url(), follow=True).content.decode()
        assert f"{integration.name}</bdi> (deleted)" in page
        deletion.purge(60)
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["resolved"]


def test_a_rejected_resolve_of_it_is_sent_again_though_nobody_can_ask_for_it(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    integration.delete()
    standin.faults.add([{"status": 400}])
    deliver_all()
    refused = Delivery.objects.get(status=DeliveryStatus.REJECTED)
    assert not refused.offers_resend
    Delivery.objects.filter(pk=refused.pk).update(finished_at=timezone.now() - 7 * HOUR)
    reconcile(timezone.now())
    deliver_all()
    assert standin.open_incidents == []


def test_the_run_log_is_let_go_in_batches_and_that_of_others_stays(
    integration: Integration, monitor: Monitor
) -> None:
    other = make_integration(monitor.workspace, monitor, name="Other")
    fill(integration)
    fail(monitor)
    integration.delete()
    made = statements(lambda: deletion.purge(60))
    assert list(Integration.all_objects.all()) == [other]
    assert Delivery.objects.filter(integration=None).count() >= MANY
    assert Delivery.objects.get(integration=other).action == Action.TRIGGER
    assert [streak.integration for streak in RegionStreak.objects.all()] == [other]
    changes = [sql for sql in made if re.match('UPDATE "integrations_delivery"', sql)]
    assert len(changes) > MANY / 60
    assert all("LIMIT 60" in sql for sql in changes)


def test_a_mail_that_waits_is_not_sent(monitor: Monitor, mailoutbox: list[Any]) -> None:
    email = make_email(monitor)
    fail(monitor)
    email.delete()
    deliver_all()
    assert mailoutbox == []
    assert only_delivery().status == DeliveryStatus.CANCELLED


class TestAdmin:
    @pytest.fixture
    def operator(self, db: None) -> Client:
        return signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))

    def test_the_question_before_deleting_counts_no_deliveries(
        self, integration: Integration, operator: Client
    ) -> None:
        fill(integration)
        url = reverse("admin:integrations_integration_delete", args=[integration.pk])
        assert not any('"integrations_delivery"' in sql for sql in statements(lambda: operator.get(url)))
        operator.post(url, {"post": "yes"})
        assert not Integration.objects.exists()
        assert Delivery.objects.filter(integration=integration).count() == MANY

    def test_several_are_deleted_in_the_background_too(
        self, integration: Integration, monitor: Monitor, operator: Client, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        chosen = {"action": "delete_selected", "_selected_action": [integration.pk], "post": "yes"}
        operator.post(reverse("admin:integrations_integration_changelist"), chosen)
        assert Integration.all_objects.get().deleted_at
        assert not Incident.objects.open().exists()

    def test_the_list_of_incidents_reads_no_more_than_it_shows(
        self, integration: Integration, monitor: Monitor, operator: Client
    ) -> None:
        fail(monitor)
        incident = Incident.objects.get()
        incident.closed_at, incident.closed_because = timezone.now(), ClosedBecause.RECOVERED
        for _ in range(60):
            incident.pk = uuid4()
            incident.save(force_insert=True)
        made = statements(lambda: operator.get(reverse("admin:integrations_incident_changelist")))
        of_incidents = [sql for sql in made if 'FROM "integrations_incident"' in sql]
        for sql in of_incidents:
            assert "LIMIT" in sql, sql
            assert "DISTINCT" not in sql, sql
        (rows,) = [sql for sql in of_incidents if "ORDER BY" in sql]
        assert is_read_in_order(rows)


def is_read_in_order(sql: str) -> bool:
    """Whether the database reads the incidents in the order of their index and sorts nothing itself."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table of a few pages is not worth an index.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = str(cursor.fetchall())
    return "incidents_by_time" in plan and "TEMP B-TREE" not in plan and "Sort" not in plan
