"""The same thing edited in two tabs: the second save is told of the first, and chooses.

The forms are found on the pages of the URL configuration, so that a new one cannot forget it.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from monitors.models import Collection, Environment, HostCertificate, Monitor, VaultSecret
from tests.addresses import Route, Things, fill, routes
from tests.conftest import signed_in
from tests.factories import CONTENT, make_collection, make_environment, make_monitor, make_run
from tests.html_forms import HtmlForm, forms_of
from tests.integrations.test_concurrency import at_once
from tests.monitors.certificates import make_certificate
from workspaces.editing import MAX_EDITS_KEPT
from workspaces.models import Edit, User, Workspace

NO_EDIT_FORM = {
    "w/<slug:slug>/api-keys/<int:pk>/revoke/": "asks before it revokes",
    "w/<slug:slug>/collections/<uuid:pk>/import/": "tried below, since what it takes is a file",
    "w/<slug:slug>/monitors/<uuid:pk>/delete/": "asks for the name before it deletes",
    "w/<slug:slug>/monitors/<uuid:pk>/pause/": "asks what becomes of the outage",
    "w/<slug:slug>/outages/<uuid:pk>/": "adds a note, and changes none",
    "integrations/<uuid:pk>/pause/": "asks what becomes of open incidents",
}
EDIT_FORMS = {
    "w/<slug:slug>/settings/",
    "w/<slug:slug>/settings/members/<int:pk>/",
    "w/<slug:slug>/settings/vault/<int:pk>/",
    "w/<slug:slug>/settings/certificates/<int:pk>/",
    "w/<slug:slug>/maintenance/<uuid:pk>/",
    "w/<slug:slug>/environments/<uuid:pk>/",
    "w/<slug:slug>/monitors/<uuid:pk>/edit/",
    "integrations/<uuid:pk>/edit/",
}
"""At least these; others that the pages show are tried too."""
SETTINGS = "w/<slug:slug>/settings/"


@pytest.fixture
def things(workspace: Workspace) -> Things:
    things = fill(workspace)
    HostCertificate.objects.update(authority=make_certificate()[0])
    return things


def edit_forms(client: Client, workspace: Workspace, things: Things) -> Iterator[tuple[Route, str, HtmlForm]]:
    """The forms with something to fill in, on pages of one thing."""
    for route in routes():
        is_page = route.text.startswith(("w/", "integrations/")) and (route.has_key or route.text == SETTINGS)
        if not is_page or "get" not in route.methods or route.text in NO_EDIT_FORM:
            continue
        address = route.address(workspace, things)
        for form in forms_of(client.get(address).getvalue().decode()):
            if form.method == "post" and (form.text_names or form.choices):
                yield route, form.action or address, form


def changed(form: HtmlForm, word: str) -> tuple[dict[str, Any], str]:
    """The form with another text in its first field, or another choice; and the name of that field."""
    data: dict[str, Any] = dict(form.data)
    if form.text_names:
        name = form.text_names[0]
        return data | {name: [word]}, name
    name, values = next(iter(form.choices.items()))
    others = [value for value in values if [value] != data[name]]
    return data | {name: [others[0] if word == "first.example" else others[-1]]}, name


class TestEveryEditForm:
    def test_all_are_found(self, as_owner: Client, workspace: Workspace, things: Things) -> None:
        found = {route.text for route, _, _ in edit_forms(as_owner, workspace, things)}
        assert found >= EDIT_FORMS

    def test_each_carries_the_version_that_it_shows(
        self, as_owner: Client, workspace: Workspace, things: Things
    ) -> None:
        without = [
            route.text
            for route, _, form in edit_forms(as_owner, workspace, things)
            if "version" not in form.data
        ]
        assert without == [], (
            "Let the view inherit EditMixin and the template include workspaces/_edit_version.html, or name "
            "the page with a reason in NO_EDIT_FORM in tests/test_editing.py."
        )

    def test_the_second_of_two_saves_is_shown_both_and_may_keep_its_own(
        self, as_owner: Client, owner: User, workspace: Workspace, things: Things
    ) -> None:
        for route, address, form in edit_forms(as_owner, workspace, things):
            first, field = changed(form, "first.example")
            second, _ = changed(form, "second.example")
            assert as_owner.post(address, first).status_code == 302, route.text
            refused = as_owner.post(address, second)
            assert refused.status_code == 409, route.text
            page = refused.content.decode()
            assert f"<bdi>{owner}</bdi> changed" in page, route.text
            again = edit_form(refused)
            assert as_owner.get(address).context["edit_version"] == again.data["version"][0], route.text
            assert again.data[field] == second[field], route.text
            rows = refused.context["conflict"].differences
            assert rows, route.text
            assert all(row.stored != row.typed for row in rows), route.text
            if form.text_names:
                assert ("first.example" in page) or "A stored secret" in page, route.text
            assert as_owner.post(address, again.data).status_code == 302, route.text
            kept = next(
                one for one in forms_of(as_owner.get(address).content.decode()) if "version" in one.data
            )
            assert kept.data[field] == second[field], route.text
            assert as_owner.post(address, kept.data).status_code == 302, "and there is no conflict any more"


def edit_form(answer: Any) -> HtmlForm:
    return next(form for form in forms_of(answer.content.decode()) if "version" in form.data)


def open_form(client: Client, address: str) -> dict[str, Any]:
    return dict(edit_form(client.get(address)).data)


class TestMonitor:
    def test_runs_pauses_and_looks_do_not_get_in_the_way(
        self, as_editor: Client, workspace: Workspace
    ) -> None:
        monitor = make_monitor(workspace)
        address = f"{monitor.get_absolute_url()}edit/"
        data = open_form(as_editor, address)
        make_run(monitor, "failure")
        monitor.pause()
        assert as_editor.post(address, data | {"name": "Renamed"}).status_code == 302
        monitor.refresh_from_db()
        assert (monitor.name, monitor.is_paused, monitor.consecutive_failures) == ("Renamed", True, 1)

    def test_everybody_who_changed_it_since_is_named_with_what(
        self, as_editor: Client, as_owner: Client, workspace: Workspace
    ) -> None:
        monitor = make_monitor(workspace)
        address = f"{monitor.get_absolute_url()}edit/"
        data = open_form(as_editor, address)
        as_owner.post(address, open_form(as_owner, address) | {"name": "Owners"})
        as_owner.post(address, open_form(as_owner, address) | {"retries": "3", "tags": "eu"})
        refused = as_editor.post(address, data | {"name": "Editors"})
        assert [(edit.by, edit.what) for edit in refused.context["conflict"].edits] == [
            ("owner@acme.example", ["name"]),
            ("owner@acme.example", ["retry on failure", "tags"]),
        ]
        told = {row.label: (row.stored, row.typed) for row in refused.context["conflict"].differences}
        assert told["Name"] == ("Owners", "Editors")
        assert told["Tags"] == ("eu", "")
        assert Monitor.objects.get().name == "Owners"

    def test_the_same_change_twice_is_no_conflict(
        self, as_editor: Client, as_owner: Client, workspace: Workspace
    ) -> None:
        monitor = make_monitor(workspace)
        address = f"{monitor.get_absolute_url()}edit/"
        data = open_form(as_editor, address)
        as_owner.post(address, data | {"name": "Same"})
        assert as_editor.post(address, data | {"name": "Same"}).status_code == 302

    def test_a_change_from_elsewhere_is_noticed_too(self, as_editor: Client, workspace: Workspace) -> None:
        monitor = make_monitor(workspace)
        address = f"{monitor.get_absolute_url()}edit/"
        data = open_form(as_editor, address)
        Monitor.objects.update(name="By hand")
        refused = as_editor.post(address, data | {"name": "Mine"})
        assert refused.status_code == 409
        assert "Somebody changed it outside of this form." in refused.content.decode()

    def test_a_form_with_errors_keeps_its_version(self, as_editor: Client, workspace: Workspace) -> None:
        monitor = make_monitor(workspace)
        address = f"{monitor.get_absolute_url()}edit/"
        data = open_form(as_editor, address)
        refused = as_editor.post(address, data | {"timezone": ""})
        assert refused.status_code == 422
        assert refused.context["edit_version"] == data["version"][0]

    def test_what_is_kept_of_one_thing_is_limited(self, as_editor: Client, workspace: Workspace) -> None:
        monitor = make_monitor(workspace)
        address = f"{monitor.get_absolute_url()}edit/"
        data = open_form(as_editor, address)
        del data["version"]
        for number in range(MAX_EDITS_KEPT + 3):
            as_editor.post(address, data | {"name": f"Name {number}"})
        assert Edit.objects.count() == MAX_EDITS_KEPT


class TestSecrets:
    def test_nothing_of_a_secret_is_shown(
        self, as_editor: Client, as_owner: Client, workspace: Workspace
    ) -> None:
        secret = VaultSecret.objects.create(workspace=workspace, key="token", value="old-s3cret")
        address = secret.get_absolute_url()
        data = open_form(as_editor, address)
        as_owner.post(address, data | {"value": "their-s3cret"})
        refused = as_editor.post(address, data | {"key": "renamed"})
        assert refused.status_code == 409
        assert refused.context["conflict"].edits[0].what == ["value"]
        refused = as_editor.post(address, data | {"value": "my-own"})
        page = refused.content.decode()
        assert "A stored secret" in page
        assert "s3cret" not in page
        assert "s3cret" not in str(list(Edit.objects.values()))

    def test_a_secret_variable_that_is_kept_outlives_the_conflict(
        self, as_editor: Client, as_owner: Client, workspace: Workspace
    ) -> None:
        environment = make_environment(workspace, baseUrl="https://a.example", token="s3cret")
        environment.variables.filter(key="token").update(is_secret=True)
        address = environment.get_absolute_url()
        data = open_form(as_editor, address)
        as_owner.post(address, data | {"variables-0-value": "https://theirs.example"})
        refused = as_editor.post(address, data | {"variables-0-value": "https://mine.example"})
        assert refused.status_code == 409
        told = {row.label: (row.stored, row.typed) for row in refused.context["conflict"].differences}
        assert told == {"Variable baseUrl": ("https://theirs.example", "https://mine.example")}
        again = edit_form(refused)
        assert as_editor.post(address, again.data).status_code == 302
        values = {variable.key: variable.value for variable in Environment.objects.get().variables.all()}
        assert values == {"baseUrl": "https://mine.example", "token": "s3cret"}

    def test_a_secret_that_was_removed_meanwhile_is_asked_for_and_not_emptied(
        self, as_editor: Client, as_owner: Client, workspace: Workspace
    ) -> None:
        environment = make_environment(workspace, token="s3cret")
        environment.variables.update(is_secret=True)
        address = environment.get_absolute_url()
        data = open_form(as_editor, address)
        as_owner.post(address, data | {"variables-0-key": "renamed"})
        refused = as_editor.post(address, data)
        again = edit_form(refused)
        kept = as_editor.post(address, again.data)
        assert kept.status_code == 422
        assert "Enter the value again" in kept.content.decode()

    def test_one_more_row_does_not_hide_a_change_meanwhile(
        self, as_editor: Client, as_owner: Client, workspace: Workspace
    ) -> None:
        environment = make_environment(workspace, baseUrl="https://a.example")
        address = environment.get_absolute_url()
        data = open_form(as_editor, address)
        as_owner.post(address, data | {"variables-0-value": "https://theirs.example"})
        more = as_editor.post(address, data | {"add-row": "1"})
        again = edit_form(more)
        assert as_editor.post(address, again.data).status_code == 409


def test_a_collection_imported_in_the_meantime_is_told_of(
    as_editor: Client, as_owner: Client, workspace: Workspace
) -> None:
    collection = make_collection(workspace)
    address = f"{collection.get_absolute_url()}import/"
    data = open_form(as_editor, address)
    sent = data | {"text": json.dumps(CONTENT | {"item": []})}
    assert as_owner.post(address, sent).status_code == 302
    refused = as_editor.post(address, sent)
    assert refused.status_code == 409
    assert "Version 2" in refused.content.decode()
    assert Collection.objects.get().versions.count() == 2
    again = edit_form(refused)
    assert as_editor.post(address, again.data).status_code == 302
    assert Collection.objects.get().versions.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_moment_one_is_told(workspace: Workspace, editor: User, owner: User) -> None:
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("SQLite in memory belongs to one thread.")
    monitor = make_monitor(workspace)
    address = f"{monitor.get_absolute_url()}edit/"
    clients = [signed_in(person) for person in (editor, owner)]
    for attempt in range(5):
        sent = [open_form(client, address) | {"name": f"{attempt} {n}"} for n, client in enumerate(clients)]
        answers: list[int] = []

        def save(client: Client, data: dict[str, Any], answers: list[int] = answers) -> None:
            answers.append(client.post(address, data).status_code)

        at_once(*(partial(save, client, data) for client, data in zip(clients, sent, strict=True)))
        assert sorted(answers) == [302, 409]
