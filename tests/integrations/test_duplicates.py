"""Nobody is notified twice of one failure because two integrations lead to the same place."""

from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from integrations.models import Integration
from monitors.models import Monitor
from tests.conftest import client_of, signed_in
from tests.factories import make_monitor
from tests.integrations.factories import KEY, OTHER_KEY, make_integration
from tests.integrations.test_concurrency import at_once
from workspaces.models import Role, User, Workspace

pytestmark = pytest.mark.django_db

CONFIGS: dict[str, dict[str, Any]] = {
    "pagerduty": {"integration_key": KEY, "region": "us"},
    "webhook": {"url": "https://example.com/hook", "secret": "a signing secret of some length"},
    "email": {"recipients": "ada@acme.example, bob@acme.example"},
}
STORED: dict[str, dict[str, Any]] = {
    "pagerduty": {"integration_key": KEY, "region": "us", "severity": ""},
    "webhook": CONFIGS["webhook"] | {"when": "every_run"},
    "email": {"recipients": ["Bob@acme.example"], "stop_after": 3},
}


def filled_in(on: Monitor, provider: str = "pagerduty", /, **changes: Any) -> dict[str, Any]:
    return {
        "name": "A second one",
        "workspace": on.workspace_id,
        "monitor": on.pk,
        **CONFIGS[provider],
    } | changes


def add(client: Client, on: Monitor, provider: str = "pagerduty", /, **changes: Any) -> Any:
    return client.post(reverse("integrations:add", args=[provider]), filled_in(on, provider, **changes))


@pytest.mark.parametrize("provider", CONFIGS)
def test_the_form_refuses_it_and_names_the_other(as_editor: Client, monitor: Monitor, provider: str) -> None:
    make_integration(monitor.workspace, monitor, provider=provider, name="On call", config=STORED[provider])
    answer = add(as_editor, monitor, provider)
    assert answer.status_code == 422
    assert "“On call” already notifies" in answer.content.decode()
    assert "the monitor “Checkout”" in answer.content.decode()
    assert Integration.objects.count() == 1


@pytest.mark.parametrize("provider", CONFIGS)
def test_the_api_refuses_it_with_the_same_sentence(monitor: Monitor, provider: str) -> None:
    make_integration(monitor.workspace, monitor, provider=provider, name="On call", config=STORED[provider])
    api = client_of(monitor.workspace, Role.EDITOR)
    body = {"name": "B", "monitor": str(monitor.pk), "provider": provider, "config": CONFIGS[provider]}
    answer = api.post("/api/v1/integrations/", body)
    assert answer.status_code == 400
    assert "“On call” already notifies" in str(answer.json()["config"])


@pytest.mark.parametrize(("first", "second"), [(False, True), (True, False), (True, True)])
def test_one_for_all_monitors_overlaps_with_one_for_each(
    as_editor: Client, monitor: Monitor, first: bool, second: bool
) -> None:
    make_integration(monitor.workspace, None if first else monitor)
    answer = add(as_editor, monitor, monitor="all" if second else monitor.pk)
    assert answer.status_code == 422


def test_another_monitor_key_or_workspace_is_no_duplicate(
    as_editor: Client, monitor: Monitor, other_workspace: Workspace
) -> None:
    make_integration(monitor.workspace, make_monitor(monitor.workspace, "Search"))
    make_integration(monitor.workspace, monitor, config={"integration_key": OTHER_KEY})
    make_integration(other_workspace)
    assert add(as_editor, monitor).status_code == 302


class TestEditing:
    @pytest.fixture
    def other(self, monitor: Monitor) -> Integration:
        return make_integration(monitor.workspace, make_monitor(monitor.workspace, "Search"), name="Second")

    @pytest.fixture(autouse=True)
    def first(self, monitor: Monitor) -> Integration:
        return make_integration(monitor.workspace, monitor, name="First")

    def edit(self, client: Client, other: Integration, **changes: Any) -> Any:
        assert other.monitor
        fields = filled_in(other.monitor, name="Second", integration_key="") | changes
        return client.post(reverse("integrations:edit", args=[other.pk]), fields)

    def test_moving_it_to_the_others_monitor_is_refused(
        self, as_editor: Client, other: Integration, monitor: Monitor
    ) -> None:
        assert self.edit(as_editor, other, monitor=monitor.pk).status_code == 422
        other.refresh_from_db()
        assert other.monitor != monitor

    def test_widening_it_by_the_api_is_refused(self, other: Integration) -> None:
        api = client_of(other.workspace, Role.EDITOR)
        answer = api.patch(f"/api/v1/integrations/{other.pk}/", {"monitor": None})
        assert answer.status_code == 400
        assert "“First” already notifies" in str(answer.json())

    def test_a_duplicate_from_earlier_times_can_still_be_renamed_and_narrowed(
        self, as_editor: Client, monitor: Monitor
    ) -> None:
        duplicate = make_integration(monitor.workspace, None, name="Everything")
        fields = filled_in(monitor, name="Renamed", integration_key="", monitor="all")
        assert as_editor.post(reverse("integrations:edit", args=[duplicate.pk]), fields).status_code == 302
        narrowed = fields | {"monitor": make_monitor(monitor.workspace, "Search").pk}
        assert as_editor.post(reverse("integrations:edit", args=[duplicate.pk]), narrowed).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_people_who_add_the_same_at_once_make_one(monitor: Monitor, editor: User) -> None:
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("SQLite in memory belongs to one thread.")
    body = {"name": "B", "monitor": str(monitor.pk), "provider": "pagerduty"}
    body |= {"config": CONFIGS["pagerduty"]}  # type: ignore[dict-item]
    clients: list[APIClient] = [client_of(monitor.workspace, Role.EDITOR) for _ in range(2)]
    by_api = [partial(client.post, "/api/v1/integrations/", body) for client in clients]
    by_form = [partial(add, signed_in(editor), monitor) for _ in range(2)]
    at_once(*by_api, *by_form)
    assert Integration.objects.count() == 1
