"""Browsing, adding, editing, pausing and deleting integrations, as people do it."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.factories import make_monitor
from tests.integrations.factories import KEY, OTHER_KEY, deliver_all, fail, make_integration
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

ADD = "/integrations/pagerduty/add/"
OTHER_KIND_OF_KEY = "u+_abcdefghij-123456"


def filled_in(on: Monitor, /, **changes: object) -> dict[str, object]:
    return {
        "name": "Checkout to PagerDuty",
        "workspace": on.workspace_id,
        "monitor": on.pk,
        "integration_key": KEY,
        "region": "us",
    } | changes


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


class TestBrowse:
    def test_it_offers_pagerduty(self, as_viewer: Client) -> None:
        assert "/integrations/pagerduty/" in text_of(as_viewer, "/integrations/")

    @pytest.mark.parametrize(("query", "found"), [("pager", True), ("DUTY incident", True), ("fax", False)])
    def test_the_search_works_without_javascript(self, as_viewer: Client, query: str, found: bool) -> None:
        page = text_of(as_viewer, f"/integrations/?q={query}")
        assert ("/integrations/pagerduty/" in page) is found
        assert f'value="{query}"' in page

    def test_it_asks_for_the_cards_alone_while_one_types(self, as_viewer: Client) -> None:
        response = as_viewer.get("/integrations/?q=pager", headers={"HX-Request": "true"})
        assert response.content.decode().count("<html") == 0

    def test_the_providers_page_says_where_the_key_is(self, as_viewer: Client) -> None:
        page = text_of(as_viewer, "/integrations/pagerduty/")
        for words in ("Events API V2", "Integration Key", "View all", "Add Integration"):
            assert words in page

    def test_unknown_providers_are_not_there(self, as_viewer: Client) -> None:
        assert as_viewer.get("/integrations/carrier-pigeon/").status_code == 404

    def test_strangers_are_sent_to_sign_in(self, client: Client) -> None:
        assert client.get("/integrations/").status_code == 302

    def test_configured_lists_what_is_ones_own(
        self, as_viewer: Client, integration: Integration, other_workspace: Workspace
    ) -> None:
        make_integration(other_workspace, name="Not yours")
        page = text_of(as_viewer, "/integrations/configured/?provider=pagerduty")
        assert integration.name in page
        assert "Not yours" not in page

    def test_a_long_list_costs_no_more_queries(
        self, as_viewer: Client, integration: Integration, django_assert_max_num_queries: object
    ) -> None:
        for _ in range(20):
            make_integration(integration.workspace, integration.monitor)
        with django_assert_max_num_queries(10):  # type: ignore[operator]
            as_viewer.get("/integrations/configured/")


class TestAdd:
    def test_it_adds(self, as_editor: Client, monitor: Monitor) -> None:
        response = as_editor.post(ADD, filled_in(monitor))
        integration = Integration.objects.get()
        assert response.headers["Location"] == integration.get_absolute_url()
        assert (integration.monitor, integration.config["integration_key"]) == (monitor, KEY)
        assert integration.close_automatically
        assert integration.failed_results == ["failure", "error", "abort"]

    def test_the_policy_can_be_set(self, as_editor: Client, monitor: Monitor) -> None:
        policy = {
            "open_after": 3,
            "close_after": 2,
            "failed_results": ["error"],
            "close_automatically": "False",
            "remind_every_hours": 4,
        }
        as_editor.post(ADD, filled_in(monitor, **policy))
        integration = Integration.objects.get()
        assert (integration.open_after, integration.close_after) == (3, 2)
        assert integration.failed_results == ["error"]
        assert (integration.close_automatically, integration.remind_every_hours) == (False, 4)

    def test_all_monitors_may_be_chosen(self, as_editor: Client, monitor: Monitor) -> None:
        as_editor.post(ADD, filled_in(monitor, monitor="all"))
        assert Integration.objects.get().monitor is None

    def test_a_pasted_key_may_have_blanks_around_it(self, as_editor: Client, monitor: Monitor) -> None:
        as_editor.post(ADD, filled_in(monitor, integration_key=f" {KEY}\n"))
        assert Integration.objects.get().config["integration_key"] == KEY

    @pytest.mark.parametrize(
        ("key", "words"),
        [
            (OTHER_KIND_OF_KEY, "looks like a REST API key"),
            ("abc", "32 characters; this one has 3"),
            ("ü" * 32, "only letters and digits"),
            ("", "This field is required"),
        ],
    )
    def test_a_wrong_key_is_explained(
        self, as_editor: Client, monitor: Monitor, key: str, words: str
    ) -> None:
        response = as_editor.post(ADD, filled_in(monitor, integration_key=key))
        assert response.status_code == 422
        assert words in response.content.decode()
        assert not Integration.objects.exists()

    def test_the_key_is_checked_as_one_leaves_the_field(self, as_editor: Client) -> None:
        url = "/integrations/pagerduty/check/integration_key/"
        wrong = as_editor.post(url, {"integration_key": OTHER_KIND_OF_KEY})
        assert "REST API key" in wrong.content.decode()
        right = as_editor.post(url, {"integration_key": KEY})
        assert "format is correct" in right.content.decode()

    def test_a_monitor_of_another_workspace_is_no_choice(
        self, as_editor: Client, monitor: Monitor, other_workspace: Workspace
    ) -> None:
        foreign = make_monitor(other_workspace, "Secret")
        response = as_editor.post(ADD, filled_in(monitor, monitor=foreign.pk))
        assert response.status_code == 422
        assert "Secret" not in response.content.decode()

    def test_another_workspace_is_no_choice(
        self, as_editor: Client, monitor: Monitor, other_workspace: Workspace
    ) -> None:
        foreign = make_monitor(other_workspace, "Secret")
        response = as_editor.post(ADD, filled_in(monitor, workspace=other_workspace.pk, monitor=foreign.pk))
        assert response.status_code == 422
        assert "Secret" not in response.content.decode()

    def test_a_viewers_workspace_is_no_choice(
        self, as_viewer: Client, viewer: User, monitor: Monitor
    ) -> None:
        assert as_viewer.post(ADD, filled_in(monitor)).status_code == 403
        Workspace.create_with_owner("The viewer's own", viewer)
        assert as_viewer.post(ADD, filled_in(monitor)).status_code == 422
        assert not Integration.objects.exists()

    @pytest.mark.parametrize("junk", ["", "not-an-id", "00000000-0000-0000-0000-000000000000"])
    def test_junk_is_no_choice(self, as_editor: Client, monitor: Monitor, junk: str) -> None:
        assert as_editor.post(ADD, filled_in(monitor, monitor=junk)).status_code == 422
        assert as_editor.post(ADD, filled_in(monitor, workspace=junk)).status_code == 422

    def test_what_was_typed_survives_an_error(self, as_editor: Client, monitor: Monitor) -> None:
        response = as_editor.post(ADD, filled_in(monitor, name="My own name", integration_key="abc"))
        assert 'value="My own name"' in response.content.decode()

    def test_the_monitors_follow_the_workspace(
        self, as_owner: Client, monitor: Monitor, workspace: Workspace, owner: object
    ) -> None:
        second = Workspace.create_with_owner("Second", owner)  # type: ignore[arg-type]
        make_monitor(second, "Refunds")
        url = "/integrations/pagerduty/monitors/"
        assert "Refunds" in text_of(as_owner, f"{url}?workspace={second.pk}")
        assert "Refunds" not in text_of(as_owner, f"{url}?workspace={workspace.pk}")
        assert "Choose a monitor" in text_of(as_owner, f"{url}?workspace=junk")

    def test_they_follow_it_without_javascript(
        self, as_owner: Client, monitor: Monitor, owner: object
    ) -> None:
        second = Workspace.create_with_owner("Second", owner)  # type: ignore[arg-type]
        make_monitor(second, "Refunds")
        response = as_owner.post(ADD, filled_in(monitor, workspace=second.pk, list_monitors="yes"))
        assert response.status_code == 200
        assert "Refunds" in response.content.decode()
        assert not Integration.objects.exists()

    def test_the_delay_is_shown_in_minutes(self, as_editor: Client, monitor: Monitor) -> None:
        query = f"workspace={monitor.workspace_id}&monitor={monitor.pk}&open_after=3&close_after=2"
        text = text_of(as_editor, f"/integrations/pagerduty/delay/?{query}")
        assert "within 15 min of breaking" in text
        assert "within 10 min of recovering" in text

    def test_only_what_pages_has_a_delay(self, as_editor: Client) -> None:
        assert as_editor.get("/integrations/webhook/delay/").status_code == 404

    def test_a_field_that_was_emptied_again_is_not_complained_of(self, as_editor: Client) -> None:
        check = as_editor.post("/integrations/pagerduty/check/integration_key/", {"integration_key": " "})
        assert check.content.decode().strip() == ""


class TestIntegrationPage:
    def test_it_shows_no_more_of_the_key_than_its_end(
        self, as_owner: Client, integration: Integration, monitor: Monitor
    ) -> None:
        fail(monitor)
        deliver_all()
        for url in (integration.get_absolute_url(), reverse("integrations:edit", args=[integration.pk])):
            page = text_of(as_owner, url)
            assert KEY not in page
            assert KEY[-4:] in page

    def test_it_lists_what_was_sent(
        self, as_viewer: Client, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        standin.faults.add([{"status": 400, "errors": ["Invalid routing key"]}])
        run = fail(monitor)
        deliver_all()
        page = text_of(as_viewer, reverse("integrations:live", args=[integration.pk]))
        for words in (
            "Rejected",
            f"Run #{run.number}",
            "PagerDuty rejected the last event: Invalid routing key",
        ):
            assert words in page

    def test_it_shows_the_response_to_each(
        self, as_viewer: Client, integration: Integration, monitor: Monitor
    ) -> None:
        fail(monitor)
        deliver_all()
        assert "Accepted by PagerDuty" in text_of(as_viewer, integration.get_absolute_url())

    def test_it_shows_open_incidents(
        self, as_viewer: Client, integration: Integration, monitor: Monitor
    ) -> None:
        fail(monitor)
        assert "Create order: Status is 201" in text_of(as_viewer, integration.get_absolute_url())

    def test_it_says_what_holds_an_event_up(
        self, as_viewer: Client, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        standin.faults.add([{"status": 503}])
        fail(monitor)
        deliver_all()
        page = text_of(as_viewer, integration.get_absolute_url())
        assert "An event was not accepted yet and will be sent again:" in page
        assert "Retrying" in text_of(as_viewer, "/integrations/configured/")

    def test_it_says_when_no_worker_is_at_work(self, as_viewer: Client, integration: Integration) -> None:
        assert "No worker is running" in text_of(as_viewer, integration.get_absolute_url())


class TestEdit:
    def test_an_empty_key_field_keeps_the_key(self, as_editor: Client, integration: Integration) -> None:
        assert integration.monitor is not None
        url = reverse("integrations:edit", args=[integration.pk])
        as_editor.post(url, filled_in(integration.monitor, name="Renamed", integration_key=""))
        integration.refresh_from_db()
        assert (integration.name, integration.config["integration_key"]) == ("Renamed", KEY)

    def test_a_new_key_closes_with_the_old_one(
        self, as_editor: Client, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        url = reverse("integrations:edit", args=[integration.pk])
        as_editor.post(url, filled_in(monitor, integration_key=OTHER_KEY))
        deliver_all()
        assert [event["body"]["routing_key"] for event in standin.events] == [KEY, KEY]
        assert standin.open_incidents == []

    def test_it_stays_in_its_workspace(
        self, as_owner: Client, integration: Integration, owner: object
    ) -> None:
        second = Workspace.create_with_owner("Second", owner)  # type: ignore[arg-type]
        url = reverse("integrations:edit", args=[integration.pk])
        response = as_owner.post(url, filled_in(make_monitor(second, "Refunds")))
        assert response.status_code == 422


class TestPauseAndDelete:
    @pytest.mark.parametrize(("choice", "left_open"), [("close", 0), ("keep", 1)])
    def test_pausing_asks_what_becomes_of_open_incidents(
        self,
        as_editor: Client,
        integration: Integration,
        monitor: Monitor,
        standin: StandIn,
        choice: str,
        left_open: int,
    ) -> None:
        fail(monitor)
        deliver_all()
        url = reverse("integrations:pause", args=[integration.pk])
        assert "1 incident is open" in text_of(as_editor, url)
        as_editor.post(url, {"incidents": choice})
        deliver_all()
        integration.refresh_from_db()
        assert integration.is_paused
        assert len(standin.open_incidents) == left_open

    def test_resuming_ends_the_pause(self, as_editor: Client, integration: Integration) -> None:
        integration.pause(close_incidents=True)
        as_editor.post(reverse("integrations:resume", args=[integration.pk]))
        integration.refresh_from_db()
        assert not integration.is_paused

    def test_deleting_asks_first(
        self, as_editor: Client, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        url = reverse("integrations:delete", args=[integration.pk])
        assert "1 open incident will be resolved at PagerDuty first" in text_of(as_editor, url)
        assert Integration.objects.exists()
        as_editor.post(url)
        deliver_all()
        assert not Integration.objects.exists()
        assert standin.open_incidents == []


class TestTenancy:
    PAGES = ["integration", "live", "edit", "pause", "delete"]
    ACTIONS = ["test", "edit", "pause", "resume", "delete"]

    @pytest.mark.parametrize("name", PAGES)
    def test_outsiders_find_no_page(self, as_outsider: Client, integration: Integration, name: str) -> None:
        assert as_outsider.get(reverse(f"integrations:{name}", args=[integration.pk])).status_code == 404

    @pytest.mark.parametrize("name", ACTIONS)
    def test_outsiders_can_do_nothing(self, as_outsider: Client, integration: Integration, name: str) -> None:
        assert as_outsider.post(reverse(f"integrations:{name}", args=[integration.pk])).status_code == 404

    @pytest.mark.parametrize("name", ACTIONS)
    def test_viewers_can_do_nothing(self, as_viewer: Client, integration: Integration, name: str) -> None:
        assert as_viewer.post(reverse(f"integrations:{name}", args=[integration.pk])).status_code == 403

    def test_incidents_and_tests_of_others_are_not_there(
        self, as_outsider: Client, integration: Integration, monitor: Monitor
    ) -> None:
        fail(monitor)
        page = Incident.objects.get().get_absolute_url()
        for url in (page, f"{page}resolve/"):
            assert as_outsider.post(url).status_code == 404
        test = reverse("integrations:test-progress", args=[integration.send_test().pk])
        assert as_outsider.get(test).status_code == 404
