"""The pages of outages, with what integrations were sent about them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations.models import Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Exchange, MaintenanceWindow, Monitor, Outage
from monitors.runner.captures import KeptBody, KeptExchange, KeptMessage
from tests.factories import make_monitor
from tests.integrations.factories import deliver_all, fail, make_integration, succeed
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

URL = "/w/acme/outages/"


@pytest.fixture
def outage(monitor: Monitor) -> Outage:
    fail(monitor)
    outage: Outage = Outage.objects.get()
    return outage


def names(client: Client, query: str = "") -> list[str]:
    return [outage.name for outage in client.get(URL + query).context["outages"]]


def page(client: Client, outage: Outage) -> str:
    return client.get(outage.get_absolute_url()).content.decode()


def ended(workspace: Workspace, name: str, days_ago: int, **fields: Any) -> Outage:
    monitor = make_monitor(workspace, name, **fields)
    fail(monitor, minutes_ago=days_ago * 24 * 60 + 60)
    succeed(monitor, minutes_ago=days_ago * 24 * 60)
    return monitor.outages.get()


class TestList:
    def test_open_ones_come_first_then_those_that_ended_last(
        self, as_viewer: Client, workspace: Workspace
    ) -> None:
        fail(make_monitor(workspace, "Still failing"), minutes_ago=60 * 24 * 9)
        ended(workspace, "Long ago", 5)
        ended(workspace, "Lately", 1)
        assert names(as_viewer) == ["Still failing", "Lately", "Long ago"]
        assert names(as_viewer, "?state=open") == ["Still failing"]
        assert names(as_viewer, "?state=ended") == ["Lately", "Long ago"]

    def test_one_of_which_nobody_was_notified_is_listed_too(self, as_viewer: Client, outage: Outage) -> None:
        shown = as_viewer.get(URL).content.decode()
        assert "Create order: Status is 201" in shown
        assert "Nobody has been notified." in shown

    def test_each_integration_has_a_line(
        self, as_viewer: Client, integration: Integration, monitor: Monitor
    ) -> None:
        make_integration(monitor.workspace, name="Everything", config={"integration_key": "0" * 32})
        fail(monitor)
        shown = as_viewer.get(URL).content.decode()
        assert "Checkout to PagerDuty" in shown
        assert "Everything" in shown
        assert shown.count("not notified yet") == 2
        deliver_all()
        assert "not notified yet" not in as_viewer.get(URL).content.decode()

    def test_it_is_filtered_by_monitor_tag_and_name(self, as_viewer: Client, workspace: Workspace) -> None:
        ended(workspace, "Checkout", 1, tags=["shop"])
        other = ended(workspace, "Search", 2)
        assert names(as_viewer, "?tag=shop") == ["Checkout"]
        assert names(as_viewer, "?q=sear") == ["Search"]
        assert names(as_viewer, f"?monitor={other.monitor_id}") == ["Search"]
        assert "Show all monitors" in as_viewer.get(f"{URL}?monitor={other.monitor_id}").content.decode()

    def test_it_is_filtered_by_days_of_which_the_last_counts(
        self, as_viewer: Client, workspace: Workspace
    ) -> None:
        ended(workspace, "Lately", 1)
        ended(workspace, "Long ago", 5)
        fail(make_monitor(workspace, "For long"), minutes_ago=60 * 24 * 9)
        day = timezone.now().date() - timedelta(days=5)
        assert set(names(as_viewer, f"?since={day}&until={day}")) == {"Long ago", "For long"}
        assert names(as_viewer, f"?since={day + timedelta(days=2)}") == ["For long", "Lately"]
        assert names(as_viewer, "?until=9999-12-31") == names(as_viewer)

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
    def test_the_ends_of_the_calendar_break_nothing(
        self, as_viewer: Client, workspace: Workspace, settings: Settings, zone: str
    ) -> None:
        settings.TIME_ZONE = zone
        ended(workspace, "Lately", 1)
        for query in ("?since=0001-01-01", "?until=9999-12-31", "?until=9999-12-30"):
            assert names(as_viewer, query) == ["Lately"]
        for query in ("?since=9999-12-31", "?until=0001-01-01"):
            assert names(as_viewer, query) == []

    def test_those_of_others_are_not_listed(self, as_outsider: Client, outage: Outage) -> None:
        assert as_outsider.get(URL).status_code == 404

    def test_a_long_list_costs_no_more_queries(
        self, as_viewer: Client, workspace: Workspace, django_assert_max_num_queries: Any
    ) -> None:
        make_integration(workspace)
        for number in range(16):
            fail(make_monitor(workspace, f"Monitor {number}"))
        as_viewer.get(URL)
        with django_assert_max_num_queries(12):
            assert len(as_viewer.get(URL).context["outages"]) == 16

    def test_an_open_incident_of_another_cause_is_listed_above(
        self, as_viewer: Client, integration: Integration, monitor: Monitor
    ) -> None:
        Incident.open_for(integration, monitor)
        assert "Other open incidents" not in as_viewer.get(URL + "?state=open").content.decode()
        fail(make_monitor(monitor.workspace, "Search"))
        assert "Other open incidents" in as_viewer.get(URL).content.decode()

    def test_of_many_other_incidents_the_first_are_listed(
        self, as_viewer: Client, integration: Integration, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("integrations.templatetags.notified.MAX_INCIDENTS", 2)
        for name in "ABC":
            other = make_monitor(monitor.workspace, name, collection=monitor.collection)
            Incident.open_for(integration, other)
        page = as_viewer.get(URL).content.decode()
        assert page.count('class="row-link clip"') == 2
        assert "And 1 more." in page


class TestOldAddresses:
    def test_the_list_of_incidents_leads_here(self, as_viewer: Client, workspace: Workspace) -> None:
        assert as_viewer.get("/w/acme/incidents/").url == URL  # type: ignore[attr-defined]
        assert as_viewer.get("/w/acme/incidents/?q=a b").url == f"{URL}?q=a+b"  # type: ignore[attr-defined]

    def test_an_incident_leads_to_its_outage(
        self, as_viewer: Client, integration: Integration, outage: Outage
    ) -> None:
        response: Any = as_viewer.get(Incident.objects.get().get_absolute_url())
        assert response.url == outage.get_absolute_url()

    def test_one_without_an_outage_has_a_page_where_it_is_resolved_after_a_question(
        self, as_viewer: Client, as_editor: Client, integration: Integration, monitor: Monitor
    ) -> None:
        incident = Incident.open_for(integration, monitor)
        url = f"{incident.get_absolute_url()}resolve/"
        assert url not in as_viewer.get(incident.get_absolute_url()).content.decode()
        assert url in as_editor.get(incident.get_absolute_url()).content.decode()
        assert "Resolve incident" in as_editor.get(url).content.decode()
        shown = as_editor.post(url, follow=True).content.decode()
        assert "The incident is resolved." in shown
        assert not Incident.objects.open().exists()


class TestOne:
    def test_it_tells_what_happened_in_order(
        self, as_editor: Client, integration: Integration, outage: Outage, monitor: Monitor
    ) -> None:
        deliver_all()
        as_editor.post(f"{outage.get_absolute_url()}acknowledge/")
        as_editor.post(outage.get_absolute_url(), {"text": "The database is read-only."})
        succeed(monitor)
        deliver_all()
        shown = page(as_editor, outage)
        words = [
            "The first run failed in default",
            "Checkout to PagerDuty (PagerDuty) was notified",
            "editor@acme.example acknowledged it",
            "The database is read-only.",
            "The monitor recovered",
            "Checkout to PagerDuty (PagerDuty) closed its incident",
        ]
        places = [shown.index(word, shown.index("Timeline")) for word in words]
        assert places == sorted(places)

    def test_its_runs_are_those_from_the_first_failed_one_to_the_good_one(
        self, as_viewer: Client, outage: Outage, monitor: Monitor
    ) -> None:
        fail(monitor)
        last = succeed(monitor)
        succeed(monitor)
        runs = as_viewer.get(outage.get_absolute_url()).context["runs"]
        assert len(runs) == 3
        assert runs[0] == last

    def test_a_note_must_say_something_and_must_not_be_too_long(
        self, as_editor: Client, outage: Outage
    ) -> None:
        for text in ("", "x" * 2001):
            assert as_editor.post(outage.get_absolute_url(), {"text": text}).status_code == 422
        assert not outage.notes.exists()

    def test_it_resolves_after_a_question(
        self, as_editor: Client, integration: Integration, outage: Outage, standin: StandIn
    ) -> None:
        deliver_all()
        url = f"{outage.get_absolute_url()}resolve/"
        assert "Resolve outage" in as_editor.get(url).content.decode()
        assert "The outage is resolved." in as_editor.post(url, follow=True).content.decode()
        deliver_all()
        assert standin.open_incidents == []
        assert "editor@acme.example resolved it" in page(as_editor, outage)

    def test_it_mutes_its_monitor_and_leads_back(
        self, as_editor: Client, outage: Outage, editor: User
    ) -> None:
        back = outage.get_absolute_url()
        data = {"for": "4h", "next": back}
        response: Any = as_editor.post(f"/w/acme/monitors/{outage.monitor_id}/mute/", data)
        assert response.url == back
        window = MaintenanceWindow.objects.get()
        assert list(window.monitors.all()) == [outage.monitor]
        assert "Muted" in page(as_editor, outage)

    def test_muting_leads_to_no_other_site(self, as_editor: Client, outage: Outage) -> None:
        data = {"for": "1h", "next": "https://evil.example/"}
        response: Any = as_editor.post(f"/w/acme/monitors/{outage.monitor_id}/mute/", data)
        assert response.url.startswith("/w/acme/")

    def test_it_links_to_the_incidents_at_the_provider(
        self, as_viewer: Client, outage: Outage, monitor: Monitor, settings: Any
    ) -> None:
        make_integration(monitor.workspace)
        fail(monitor)
        assert "external-link" not in page(as_viewer, outage)
        settings.PAGERDUTY_US_EVENTS_URL = "https://events.pagerduty.com"
        assert 'href="https://app.pagerduty.com/incidents"' in page(as_viewer, outage)

    def test_it_outlives_its_monitor_and_integration(
        self, as_viewer: Client, integration: Integration, outage: Outage, monitor: Monitor
    ) -> None:
        monitor.delete()
        assert "Checkout</bdi> (deleted)" in page(as_viewer, outage)
        assert "deleted" in as_viewer.get(URL).content.decode()

    def test_editors_read_what_the_server_said(
        self, as_editor: Client, as_viewer: Client, outage: Outage
    ) -> None:
        body = KeptBody('{"message": "The order database is read-only."}', "application/json")
        kept = KeptExchange(0, "POST", "https://api.example/orders", KeptMessage(), KeptMessage(body=body))
        assert outage.first_run
        Exchange.of(outage.first_run, 0, kept, is_good=False).save()
        assert "The order database is read-only." in page(as_editor, outage)
        assert "The order database is read-only." not in page(as_viewer, outage)

    def test_viewers_see_no_forms(self, as_viewer: Client, outage: Outage) -> None:
        shown = page(as_viewer, outage)
        for action in ("acknowledge/", "resolve/", "mute/", "Add note"):
            assert action not in shown
