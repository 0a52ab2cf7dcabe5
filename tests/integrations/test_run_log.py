"""The run log of an integration: filtered, exported, sent again."""

import csv
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import Delivery, Integration
from integrations.pagerduty.standin import StandIn
from integrations.views.log import harmless
from monitors.models import Monitor
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
    page = as_viewer.get(f"{integration.get_absolute_url()}?state=rejected").content.decode()
    assert "Invalid routing key" in page
    page = as_viewer.get(f"{integration.get_absolute_url()}?state=accepted").content.decode()
    assert "Resolve</td>" not in page


def test_junk_in_the_address_shows_everything(as_viewer: Client, integration: Integration) -> None:
    for query in ("state=junk", "before=junk", "before=99999999999999999999999"):
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
    assert [(row["action"], row["state"]) for row in rows] == [
        ("resolve", "rejected"),
        ("trigger", "accepted"),
    ]


def test_it_is_exported_as_json(as_viewer: Client, integration: Integration) -> None:
    response = as_viewer.get(reverse("integrations:export-json", args=[integration.pk]) + "?state=rejected")
    (row,) = json.loads(b"".join(response))
    values = (row["answer"], row["monitor"], row["next_attempt_at"])
    assert values == ("Invalid routing key", "Checkout", None)


def test_an_empty_export_is_json_too(as_viewer: Client, integration: Integration) -> None:
    url = reverse("integrations:export-json", args=[integration.pk]) + "?state=given_up"
    assert json.loads(b"".join(as_viewer.get(url))) == []


def test_spreadsheets_get_no_formulas() -> None:
    for text in ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1"):
        assert harmless(text) == f"'{text}"
    for value in ("plain", "1+1", "", -1, None):
        assert harmless(value) == value


def test_a_rejected_event_can_be_sent_again(
    as_editor: Client, integration: Integration, standin: StandIn
) -> None:
    resolve = Delivery.objects.get(state="rejected")
    as_editor.post(reverse("integrations:send-again", args=[resolve.pk]))
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
    resolve = Delivery.objects.get(state="rejected")
    fail(monitor)
    count = Delivery.objects.count()
    response = as_editor.post(reverse("integrations:send-again", args=[resolve.pk]), follow=True)
    assert "out of date" in response.content.decode()
    assert Delivery.objects.count() == count


def test_viewers_send_nothing(as_viewer: Client, as_outsider: Client, integration: Integration) -> None:
    url = reverse("integrations:send-again", args=[Delivery.objects.get(state="rejected").pk])
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
    Delivery.objects.pending().update(next_attempt_at=timezone.now() + timedelta(minutes=5, seconds=30))
    page = as_viewer.get(integration.get_absolute_url()).content.decode()
    assert "in 5 min" in page
