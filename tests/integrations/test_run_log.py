"""The run log of an integration: filtered, exported, sent again."""

import csv
import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import Delivery, DeliveryStatus, Integration
from integrations.models.deliveries import UNFINISHED
from integrations.pagerduty.standin import StandIn
from integrations.views.deliveries import escape_csv_formula
from monitors.models import Monitor
from tests.factories import make_monitor
from tests.integrations.factories import deliver_all, fail, make_integration, succeed
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def integration(integration: Integration, monitor: Monitor, standin: StandIn) -> Integration:
    """One with an accepted trigger and a rejected resolve."""
    fail(monitor)
    deliver_all()
    standin.faults.add([{"status": 400, "errors": ["Invalid routing key"]}])
    succeed(monitor)
    deliver_all()
    return integration


def test_it_is_filtered_by_state(as_viewer: Client, integration: Integration) -> None:
    page = as_viewer.get(f"{integration.get_absolute_url()}?status=rejected").content.decode()
    assert "Invalid routing key" in page
    page = as_viewer.get(f"{integration.get_absolute_url()}?status=accepted").content.decode()
    assert "Resolve</td>" not in page


def test_junk_in_the_address_shows_everything(as_viewer: Client, integration: Integration) -> None:
    for query in ("status=junk", "before=junk", "before=99999999999999999999999"):
        assert as_viewer.get(f"{integration.get_absolute_url()}?{query}").status_code == 200


def test_a_long_log_comes_in_pages(
    as_viewer: Client, integration: Integration, django_assert_max_num_queries: object
) -> None:
    template = Delivery.objects.latest("pk")
    rows = []
    for _ in range(120):
        template.pk = None
        rows.append(Delivery(**{f.attname: getattr(template, f.attname) for f in Delivery._meta.fields}))
    Delivery.objects.bulk_create(rows)
    url = reverse("integrations:live", args=[integration.pk])
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = as_viewer.get(url)
    older = page.context["log"].older
    assert len(page.context["log"].deliveries) == 50
    second = as_viewer.get(f"{url}?before={older}")
    assert second.context["log"].deliveries[0].pk < older


def test_it_is_exported_as_csv(as_viewer: Client, integration: Integration) -> None:
    response = as_viewer.get(reverse("integrations:export-csv", args=[integration.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="run-log.csv"'
    rows = list(csv.DictReader(b"".join(response).decode().splitlines()))
    assert [(row["action"], row["status"]) for row in rows] == [
        ("resolve", "rejected"),
        ("trigger", "accepted"),
    ]


def test_it_is_exported_as_json(as_viewer: Client, integration: Integration) -> None:
    response = as_viewer.get(reverse("integrations:export-json", args=[integration.pk]) + "?status=rejected")
    (row,) = json.loads(b"".join(response))
    values = (row["response_text"], row["monitor"], row["next_attempt_at"])
    assert values == ("Invalid routing key", "Checkout", None)


def test_an_empty_export_is_json_too(as_viewer: Client, integration: Integration) -> None:
    url = reverse("integrations:export-json", args=[integration.pk]) + "?status=given_up"
    assert json.loads(b"".join(as_viewer.get(url))) == []


def test_spreadsheets_get_no_formulas() -> None:
    for text in ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "＝1", "\tx", "\rx", "\nx"):
        assert escape_csv_formula(text) == f"'{text}"
    for divider in "\t\r\n":  # where a cell may begin once more
        assert escape_csv_formula(f"{divider}=1") == f"'{divider}'=1"
    for value in ("plain", "1+1", "", -1, None):
        assert escape_csv_formula(value) == value


def test_a_rejected_event_can_be_sent_again(
    as_editor: Client, integration: Integration, standin: StandIn
) -> None:
    resolve = Delivery.objects.get(status="rejected")
    as_editor.post(reverse("integrations:resend", args=[resolve.pk]))
    deliver_all()
    assert standin.open_incidents == []


def test_a_test_that_was_rejected_is_not_offered_again(
    as_editor: Client, workspace: Workspace, standin: StandIn
) -> None:
    integration = make_integration(workspace)
    standin.faults.add([{"status": 400}])
    integration.send_test()
    deliver_all()
    page = as_editor.get(integration.get_absolute_url()).content.decode()
    assert "Rejected" in page
    assert "Send again" not in page


def test_what_is_out_of_date_is_not(as_editor: Client, integration: Integration, monitor: Monitor) -> None:
    resolve = Delivery.objects.get(status="rejected")
    fail(monitor)
    count = Delivery.objects.count()
    response = as_editor.post(reverse("integrations:resend", args=[resolve.pk]), follow=True)
    assert "out of date" in response.content.decode()
    assert Delivery.objects.count() == count


@pytest.mark.parametrize("status", DeliveryStatus)
def test_no_event_of_a_recovered_monitor_is_sent_again(
    as_editor: Client, integration: Integration, standin: StandIn, status: DeliveryStatus
) -> None:
    trigger = Delivery.objects.get(action="trigger")
    end_as(trigger, status)
    as_editor.post(reverse("integrations:resend", args=[trigger.pk]))
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    ("status", "copies"),
    [
        (DeliveryStatus.PENDING, 0),
        (DeliveryStatus.SENDING, 0),
        # Somebody may have resolved it at the provider, where it would open a second incident.
        (DeliveryStatus.ACCEPTED, 0),
        (DeliveryStatus.CANCELLED, 1),
        (DeliveryStatus.REJECTED, 1),
        (DeliveryStatus.GIVEN_UP, 1),
    ],
)
def test_a_trigger_of_an_open_incident_is_sent_again_unless_it_was_accepted(
    as_editor: Client, workspace: Workspace, standin: StandIn, status: DeliveryStatus, copies: int
) -> None:
    monitor = make_monitor(workspace, "Search")
    make_integration(workspace, monitor)
    fail(monitor)
    trigger = Delivery.objects.get()
    end_as(trigger, status)
    as_editor.post(reverse("integrations:resend", args=[trigger.pk]))
    assert Delivery.objects.count() == 1 + copies


def end_as(delivery: Delivery, status: DeliveryStatus) -> None:
    is_sending, is_over = (
        status == DeliveryStatus.SENDING,
        status not in UNFINISHED,
    )
    Delivery.objects.filter(pk=delivery.pk).update(
        status=status,
        finished_at=timezone.now() if is_over else None,
        lease=uuid.uuid4() if is_sending else None,
        leased_until=timezone.now() if is_sending else None,
    )


def test_a_filter_that_finds_nothing_says_so(as_viewer: Client, integration: Integration) -> None:
    page = as_viewer.get(f"{integration.get_absolute_url()}?status=given_up").content.decode()
    assert "No event has this status" in page


def test_viewers_send_nothing(as_viewer: Client, as_outsider: Client, integration: Integration) -> None:
    url = reverse("integrations:resend", args=[Delivery.objects.get(status="rejected").pk])
    assert as_viewer.post(url).status_code == 403
    assert as_outsider.post(url).status_code == 404
    for name in ("export-csv", "export-json"):
        assert as_outsider.get(reverse(f"integrations:{name}", args=[integration.pk])).status_code == 404


def test_what_waits_says_when_it_is_tried_again(
    as_viewer: Client, integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"status": 500}])
    fail(monitor)
    deliver_all()
    Delivery.objects.waiting().update(next_attempt_at=timezone.now() + timedelta(minutes=5, seconds=10))
    page = as_viewer.get(integration.get_absolute_url()).content.decode()
    assert "in 5 min" in page
