"""Without the key that encrypted them, secrets cannot be read: that is a sentence, and nothing is lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from integrations import outbox, summaries
from integrations.models import Action, Delivery, Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors import worker
from monitors.models import Environment, HostCertificate, Monitor, Result, VaultSecret
from monitors.models.runs import Run, RunType
from tests.addresses import Things, fill, routes
from tests.conftest import client_of, signed_in
from tests.factories import make_environment, make_monitor, make_user
from tests.html_forms import forms_of
from tests.integrations.conftest import standin as standin
from tests.integrations.factories import fail, make_integration, succeed
from tests.monitors.certificates import make_certificate
from workspaces.models import Role, Workspace

HIDDEN = "hunter2-hunter2"
UNRELATED = Fernet.generate_key().decode()


@pytest.fixture
def everything(workspace: Workspace) -> dict[str, Any]:
    environment = make_environment(workspace, token=HIDDEN, host="https://api.example")
    environment.variables.filter(key="token").update(is_secret=True)
    monitor = make_monitor(workspace, environment=environment)
    return {
        "environment": environment,
        "monitor": monitor,
        "collection": monitor.collection,
        "integration": make_integration(workspace, monitor),
        "vault": VaultSecret.objects.create(workspace=workspace, key="pin", value=HIDDEN),
        "certificate": HostCertificate.objects.create(
            workspace=workspace, host="a.example", authority=HIDDEN
        ),
    }


@pytest.fixture
def lose_key(settings: Settings) -> Iterator[Callable[[], None]]:
    """The fixture is made with the key; the test says when it is lost."""
    kept = settings.FIELD_ENCRYPTION_KEYS

    def lose() -> None:
        settings.FIELD_ENCRYPTION_KEYS = [UNRELATED]

    yield lose
    settings.FIELD_ENCRYPTION_KEYS = kept


def test_every_page_is_there_and_says_what_cannot_be_read(
    as_owner: Client, workspace: Workspace, everything: dict[str, Any], lose_key: Callable[[], None]
) -> None:
    lose_key()
    expected = {
        everything["environment"].get_absolute_url(): "Cannot be read: its encryption key is missing",
        everything["monitor"].get_absolute_url(): "Broken: it notifies nobody",
        everything["collection"].get_absolute_url(): "This collection cannot be read",
        everything["integration"].get_absolute_url(): "the stored key cannot be read",
        f"{everything['integration'].get_absolute_url()}edit/": "Integration key",
        everything["vault"].get_absolute_url(): "The stored value cannot be read",
        everything["certificate"].get_absolute_url(): "The stored value cannot be read",
        f"/w/{workspace.slug}/settings/certificates/": "Cannot be read: the encryption key is missing",
        "/integrations/configured/": "Broken",
        f"/w/{workspace.slug}/": "Checkout",
        f"/w/{workspace.slug}/monitors/": "Checkout",
    }
    for address, words in expected.items():
        response = as_owner.get(address)
        assert (address, response.status_code) == (address, 200)
        assert words in response.content.decode(), address


def test_the_api_answers_with_a_sentence(
    workspace: Workspace, everything: dict[str, Any], lose_key: Callable[[], None]
) -> None:
    lose_key()
    api = client_of(workspace, Role.OWNER)
    for kind in ("environments", "monitors", "integrations", "vault-secrets", "certificates", "collections"):
        assert api.get(f"/api/v1/{kind}/").status_code == 200, kind
    certificate = api.get("/api/v1/certificates/").json()["results"][0]
    assert (certificate["is_readable"], certificate["authority"]) == (False, "")
    response = api.patch(f"/api/v1/certificates/{certificate['id']}/", {"host": "b.example"})
    assert "Send it again." in response.json()["authority"][0]
    response = api.get(f"/api/v1/collections/{everything['collection'].pk}/")
    assert response.status_code == 503
    assert "Put the old key back" in response.json()["detail"]


class TestEveryAddress:
    """None fails: what has nothing to show without the key is unavailable, and says so."""

    @pytest.fixture
    def things(self, workspace: Workspace, settings: Settings) -> Things:
        settings.PAGERDUTY_APP_ID = "PAPP123"
        things = fill(workspace)
        HostCertificate.objects.all().delete()
        text = make_certificate()[0]
        certificate = HostCertificate.objects.create(workspace=workspace, host="a.example", authority=text)
        return {**things, "certificates": certificate}

    def test_of_pages_and_api(
        self, as_owner: Client, workspace: Workspace, things: Things, lose_key: Callable[[], None]
    ) -> None:
        lose_key()
        api = client_of(workspace, Role.OWNER)
        api.raise_request_exception = as_owner.raise_request_exception = False
        failed = {}
        for route in routes():
            if route.text.startswith(("admin/", "accounts/")) or "delete" in route.text:
                continue
            client: Any = api if route.text.startswith("api/") else as_owner
            for method in sorted(route.methods, key="delete".__eq__):
                answer = getattr(client, method)(route.address(workspace, things))
                if answer.status_code >= 500 and "Put the old key back" not in answer.content.decode():
                    failed[f"{method} {route.text}"] = answer.status_code
        assert failed == {}

    def test_of_the_operators_pages(self, things: Things, lose_key: Callable[[], None]) -> None:
        lose_key()
        operator = signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))
        operator.raise_request_exception = False
        failed = {}
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            row = model._default_manager.first()
            kinds = ("change", "delete", "history") if row else ()
            addresses = [reverse(f"{name}_{kind}", args=[row.pk]) for kind in kinds if row]
            for address in [reverse(f"{name}_changelist"), *addresses]:
                if (status := operator.get(address).status_code) >= 500:
                    failed[address] = status
        assert failed == {}


class TestEnteredAgain:
    def test_a_certificate_by_the_api(
        self, workspace: Workspace, everything: dict[str, Any], lose_key: Callable[[], None]
    ) -> None:
        lose_key()
        api = client_of(workspace, Role.EDITOR)
        address = f"/api/v1/certificates/{everything['certificate'].pk}/"
        whole = api.get(address).json()
        assert "Give a client certificate" in api.put(address, whole).json()["certificate"][0]
        texts = {"certificate": "", "key": "", "passphrase": "", "authority": make_certificate()[0]}
        answer = api.patch(address, texts)
        assert (answer.status_code, answer.json()["is_readable"]) == (200, True)

    def test_an_integration_by_the_api(
        self, workspace: Workspace, everything: dict[str, Any], lose_key: Callable[[], None]
    ) -> None:
        lose_key()
        api = client_of(workspace, Role.EDITOR)
        address = f"/api/v1/integrations/{everything['integration'].pk}/"
        refused = api.patch(address, {"name": "Another name"})
        assert (refused.status_code, "Send it again." in refused.json()["config"][0]) == (400, True)
        config = {"integration_key": "e93facc04764012d7bfb002500d5d1a6", "region": "us"}
        answer = api.patch(address, {"config": config})
        assert (answer.status_code, answer.json()["is_broken"]) == (200, False)

    def test_an_integration_whose_form_lacks_it_is_asked_for_it(
        self, as_owner: Client, everything: dict[str, Any], lose_key: Callable[[], None]
    ) -> None:
        lose_key()
        address = f"{everything['integration'].get_absolute_url()}edit/"
        form = next(form for form in forms_of(as_owner.get(address).content.decode()) if "name" in form.data)
        answer = as_owner.post(address, form.data | {"name": ["Kept as typed"]})
        assert answer.status_code == 422
        assert "This field is required." in answer.content.decode()
        assert "Kept as typed" in answer.content.decode()


def test_what_is_saved_meanwhile_keeps_what_cannot_be_read(
    as_owner: Client, everything: dict[str, Any], lose_key: Callable[[], None], settings: Settings
) -> None:
    keys = settings.FIELD_ENCRYPTION_KEYS
    lose_key()
    environment = everything["environment"]
    page = as_owner.get(environment.get_absolute_url())
    forms = [page.context["form"], page.context["rows"].management_form, *page.context["rows"]]
    fields = {field.html_name: field.value() for form in forms for field in form}
    posted = {name: value for name, value in fields.items() if value not in (None, False)} | {"name": "EU"}
    assert as_owner.post(environment.get_absolute_url(), posted).status_code == 302
    settings.FIELD_ENCRYPTION_KEYS = [UNRELATED, *keys]
    environment = Environment.objects.get()
    values = {variable.key: variable.value for variable in environment.variables.all()}
    assert (environment.name, values) == ("EU", {"token": HIDDEN, "host": "https://api.example"})


def test_a_run_is_our_own_trouble_and_pages_nobody(
    everything: dict[str, Any], lose_key: Callable[[], None]
) -> None:
    lose_key()
    run = Run.queue(Monitor.objects.get(), "default", RunType.SCHEDULED)
    worker.execute(run.pk)
    run.refresh_from_db()
    assert run.result == Result.SYSTEM_ERROR
    assert "Put the old key back" in run.summary
    assert not Incident.objects.exists()


def test_runs_are_kept_while_the_key_of_an_integration_cannot_be_read(
    everything: dict[str, Any], lose_key: Callable[[], None], settings: Settings
) -> None:
    keys = settings.FIELD_ENCRYPTION_KEYS
    lose_key()
    monitor = Monitor.objects.select_related("workspace", "collection__latest").get()
    fail(monitor)
    assert not Incident.objects.exists()
    settings.FIELD_ENCRYPTION_KEYS = [UNRELATED, *keys]
    fail(monitor)
    assert Incident.objects.open().count() == 1


def test_an_incident_is_opened_while_the_collection_cannot_be_read(
    workspace: Workspace, everything: dict[str, Any], lose_key: Callable[[], None]
) -> None:
    lose_key()
    everything["integration"].delete()
    monitor = Monitor.objects.select_related("workspace", "collection__latest").get()
    make_integration(workspace, monitor)
    fail(monitor)
    assert Delivery.objects.filter(action=Action.TRIGGER).count() == 1


def test_a_summary_is_sent_although_many_integrations_cannot_be_read(
    workspace: Workspace, everything: dict[str, Any], lose_key: Callable[[], None]
) -> None:
    config = {"recipients": ["team@acme.example"], "daily_summary": True}
    unreadable = [make_integration(workspace, None, provider="email", config=config) for _ in range(51)]
    lose_key()
    readable = make_integration(workspace, None, provider="email", config=config)
    now = timezone.now()
    mails = Integration.objects.filter(pk__in=[row.pk for row in [*unreadable, readable]])
    mails.update(next_summary_at=now - timedelta(minutes=1))
    summaries.send_due(now)
    assert [row.pk for row in mails.filter(next_summary_at__gt=now)] == [readable.pk]


def test_a_resolve_waits_for_the_key(
    everything: dict[str, Any],
    lose_key: Callable[[], None],
    settings: Settings,
    standin: StandIn,
    django_capture_on_commit_callbacks: Any,
) -> None:
    keys = settings.FIELD_ENCRYPTION_KEYS
    monitor = everything["monitor"]
    fail(monitor)
    outbox.deliver(Delivery.objects.get(action=Action.TRIGGER).pk)
    lose_key()
    with transaction.atomic():
        succeed(Monitor.objects.select_related("workspace", "collection__latest").get())
    resolve = Delivery.objects.get(action=Action.RESOLVE)
    outbox.deliver(resolve.pk)
    resolve.refresh_from_db()
    assert (resolve.status, "Put the old key back" in resolve.response_text) == ("pending", True)
    settings.FIELD_ENCRYPTION_KEYS = keys
    Delivery.objects.filter(pk=resolve.pk).update(next_attempt_at=resolve.created_at)
    outbox.deliver(resolve.pk)
    resolve.refresh_from_db()
    assert resolve.status == "accepted"


def test_an_integration_works_again_when_its_key_is_entered_again(
    as_owner: Client, everything: dict[str, Any], lose_key: Callable[[], None]
) -> None:
    lose_key()
    integration = Integration.objects.get()
    page = as_owner.get(f"{integration.get_absolute_url()}edit/")
    fields = {field.html_name: field.value() for field in page.context["form"].all_fields}
    posted = {name: value for name, value in fields.items() if value not in (None, False)}
    posted |= {"integration_key": "e93facc04764012d7bfb002500d5d1a6", "region": "us"}
    response = as_owner.post(f"{integration.get_absolute_url()}edit/", posted)
    assert response.status_code == 302, response.content.decode()
    assert not Integration.objects.get().is_broken
