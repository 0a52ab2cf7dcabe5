"""What operators do in the Django admin."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.models import Delivery
from monitors.models import Monitor, Result, Run
from tests.conftest import signed_in
from tests.factories import (
    make_console,
    make_environment,
    make_monitor,
    make_request_result,
    make_run,
    make_user,
)
from tests.integrations.factories import KEY, fail, make_integration
from workspaces.models import ApiKey, Membership, Role, User, Workspace
from workspaces.models.tokens import hash_token

OURS = [
    model
    for label in ("workspaces", "monitors", "integrations")
    for model in apps.get_app_config(label).get_models()
]


@pytest.fixture
def operator(db: None) -> Client:
    return signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """A workspace with something of everything, and secrets in it."""
    environment = make_environment(workspace, token="hunter2-secret")
    monitor = make_monitor(workspace, environment=environment)
    make_integration(workspace, monitor)
    run = fail(monitor)
    make_console(run, ("log", "hello"))
    make_request_result(make_run(monitor))
    ApiKey.issue(workspace, "ci", Role.VIEWER)
    return workspace


def url(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_can_be_searched(operator: Client, filled: Workspace, model: type[models.Model]) -> None:
    assert admin.site._registry[model].search_fields
    assert operator.get(url(model, "changelist"), {"q": "acme"}).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_object_has_a_page_without_secrets(
    operator: Client, filled: Workspace, model: type[models.Model]
) -> None:
    for found in model._default_manager.all()[:2]:
        page = operator.get(url(model, "change", found.pk))
        assert page.status_code == 200
        assert "hunter2" not in page.content.decode()
        assert KEY not in page.content.decode()


def test_a_key_is_shown_once(operator: Client, workspace: Workspace) -> None:
    posted = {"workspace": str(workspace.pk), "name": "deploys", "role": "editor"}
    page = operator.post(url(ApiKey, "add"), posted, follow=True).content.decode()
    key = ApiKey.objects.get()
    text = page.split("The key is ")[1].split()[0]
    assert hash_token(text) == key.hash
    assert text not in operator.get(url(ApiKey, "change", key.pk)).content.decode()


def test_a_delivery_is_sent_again(operator: Client, filled: Workspace) -> None:
    Delivery.objects.update(status="given_up", finished_at="2030-01-01T00:00:00Z")
    chosen = {"action": "resend", "_selected_action": [Delivery.objects.get().pk]}
    operator.post(url(Delivery, "changelist"), chosen)
    assert list(Delivery.objects.order_by("id").values_list("status", flat=True)) == ["given_up", "pending"]


def test_runs_are_not_edited(operator: Client, filled: Workspace) -> None:
    run = Run.objects.first()
    assert run
    assert operator.post(url(Run, "change", run.pk), {"result": "successful"}).status_code == 403


def test_the_first_page_counts_what_postwatch_itself_could_not_execute(
    operator: Client, filled: Workspace, other_workspace: Workspace
) -> None:
    assert "no run ended with a system error" in operator.get(reverse("admin:index")).content.decode()
    for workspace in (filled, other_workspace):
        make_run(make_monitor(workspace), Result.SYSTEM_ERROR)
    page = operator.get(reverse("admin:index")).content.decode()
    assert re.search(r"2 runs</a> of 2 monitors in 2 workspaces could not be executed", page)
    shown = operator.get(re.findall(r'href="([^"]*system_error)"', page)[0])
    assert shown.context["cl"].result_count == 2


def test_monitors_are_paused_and_resumed(operator: Client, filled: Workspace) -> None:
    monitor = Monitor.objects.get()
    for action, is_paused in (("pause", True), ("resume", False)):
        operator.post(url(Monitor, "changelist"), {"action": action, "_selected_action": [monitor.pk]})
        monitor.refresh_from_db()
        assert monitor.is_paused is is_paused


def test_a_person_is_added_to_a_workspace(operator: Client, workspace: Workspace) -> None:
    posted = {
        "email": "new@example.com",
        "usable_password": "false",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-workspace": str(workspace.pk),
        "memberships-0-role": "viewer",
    }
    operator.post(url(User, "add"), posted)
    person = User.objects.get(email="new@example.com")
    assert Membership.objects.get(user=person).workspace == workspace


def test_a_workspace_is_deleted_with_all_that_is_in_it(operator: Client, filled: Workspace) -> None:
    operator.post(url(Workspace, "delete", filled.pk), {"post": "yes"})
    assert not Workspace.objects.exists()
    assert not Monitor.objects.exists()


def test_people_sign_in_with_their_address(db: None) -> None:
    User.objects.create_superuser("second@example.com", "correct horse")
    client = Client()
    typed = {"login": "second@example.com", "password": "correct horse", "next": "/admin/"}
    assert client.post("/accounts/login/", typed).headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_members_of_a_team_stay_outside(as_owner: Client) -> None:
    assert as_owner.get("/admin/").status_code == 302


def test_a_longer_list_costs_no_more_queries(operator: Client, filled: Workspace) -> None:
    def queries() -> dict[str, int]:
        counts = {}
        for model in OURS:
            with CaptureQueriesContext(connection) as captured:
                operator.get(url(model, "changelist"))
            counts[model.__name__] = len(captured)
        return counts

    before = queries()
    for number in range(3):
        person = make_user(f"owner{number}@example.com")
        workspace = Workspace.create_with_owner(f"Team {number}", person)
        monitor = make_monitor(workspace, environment=make_environment(workspace, token="hunter2-secret"))
        make_integration(workspace, monitor)
        run = fail(monitor)
        make_console(run, ("log", "hello"))
        ApiKey.issue(workspace, "ci", Role.VIEWER)
    assert queries() == before


@pytest.mark.parametrize("key", ["a\0b", "a b", "9" * 6000, "9" * 20, "[[", "9999-12-31"])
def test_a_key_that_cannot_exist_is_the_fields_own_error(operator: Client, key: str) -> None:
    posted = {"user": key, "workspace": key, "role": "owner"}
    response = operator.post(url(Membership, "add"), posted)
    assert response.status_code == 200
    assert set(response.context["adminform"].form.errors) == {"user", "workspace"}
