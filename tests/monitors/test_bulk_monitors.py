"""What the list of monitors does with those that were chosen: a form that works without JavaScript."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from monitors.models import MaintenanceWindow, Monitor, Result, Run
from tests.factories import make_monitor, make_run
from workspaces.models import Edit, Workspace

URL = "/w/acme/monitors/change/"
LIST = "/w/acme/monitors/"


@pytest.fixture
def chosen(workspace: Workspace) -> list[Monitor]:
    return [make_monitor(workspace, name) for name in ("Checkout", "Search", "Sign-up")]


def act(client: Client, monitors: list[Monitor], action: str, **more: Any) -> Any:
    data = {"monitors": [monitor.pk for monitor in monitors], "action": action} | more
    return client.post(URL, data)


def message(client: Client) -> str:
    return client.get(LIST).content.decode()


def test_they_are_paused_and_resumed(as_editor: Client, chosen: list[Monitor]) -> None:
    assert act(as_editor, chosen[:2], "pause").headers["Location"] == LIST
    assert "2 monitors are paused." in message(as_editor)
    assert Monitor.objects.filter(paused_at=None).get() == chosen[2]
    act(as_editor, chosen, "resume")
    assert "2 monitors are resumed." in message(as_editor)
    assert not Monitor.objects.exclude(paused_at=None).exists()


def test_pausing_failing_ones_asks_what_becomes_of_their_outage(
    as_editor: Client, chosen: list[Monitor]
) -> None:
    make_run(chosen[0], Result.FAILURE)
    question = act(as_editor, chosen, "pause").content.decode()
    assert "Pause 3 monitors?" in question
    assert "Leave their incidents open" in question
    assert not Monitor.objects.exclude(paused_at=None).exists()
    act(as_editor, chosen, "pause", sure="yes", outage="lasts")
    assert Monitor.objects.exclude(paused_at=None).count() == 3


def test_they_run_until_too_many_wait(as_editor: Client, workspace: Workspace, chosen: list[Monitor]) -> None:
    act(as_editor, chosen, "run")
    assert "3 monitors are started." in message(as_editor)
    assert Run.objects.count() == 3
    many = [make_monitor(workspace, f"Monitor {n}", collection=chosen[0].collection) for n in range(60)]
    act(as_editor, many, "run")
    page = message(as_editor)
    assert "47 monitors are started." in page
    assert "50 runs of this workspace" in page


def test_a_tag_is_added_and_removed(as_editor: Client, chosen: list[Monitor]) -> None:
    chosen[0].tags = ["eu"]
    chosen[0].save()
    act(as_editor, chosen, "tag", tag="EU")
    assert "2 monitors are tagged." in message(as_editor)
    assert all(monitor.tags == ["eu"] for monitor in Monitor.objects.all())
    assert Edit.objects.filter(what=["tags"]).count() == 2
    act(as_editor, chosen[:1], "untag", tag="eu")
    assert Monitor.objects.get(pk=chosen[0].pk).tags == []


def test_a_monitor_with_too_many_tags_is_named(as_editor: Client, chosen: list[Monitor]) -> None:
    Monitor.objects.filter(pk=chosen[0].pk).update(tags=[f"tag{n}" for n in range(20)])
    act(as_editor, chosen[:2], "tag", tag="more")
    page = message(as_editor)
    assert "1 monitor is tagged." in page
    assert "Checkout: A monitor has at most 20 tags." in page


def test_they_are_muted_by_one_window(as_editor: Client, chosen: list[Monitor]) -> None:
    act(as_editor, chosen[:2], "mute", mute_for="4h")
    window = MaintenanceWindow.objects.get()
    assert set(window.monitors.all()) == set(chosen[:2])
    assert timedelta(hours=3) < window.ends_at - timezone.now() < timedelta(hours=4, minutes=1)
    assert "2 monitors are muted." in message(as_editor)


def test_deleting_asks_first(as_editor: Client, chosen: list[Monitor]) -> None:
    question = act(as_editor, chosen[:2], "delete").content.decode()
    assert "Delete 2 monitors?" in question
    assert "Checkout" in question
    assert Monitor.objects.count() == 3
    assert act(as_editor, chosen[:2], "delete", sure="yes").status_code == 302
    assert Monitor.objects.get() == chosen[2]
    assert "2 monitors are deleted." in message(as_editor)


def test_it_leads_back_to_the_list_as_it_was_filtered(as_editor: Client, chosen: list[Monitor]) -> None:
    data = {"monitors": [chosen[0].pk], "action": "resume"}
    answer = as_editor.post(f"{URL}?state=up&q=check", data)
    assert answer.headers["Location"] == f"{LIST}?state=up&q=check"
    question = as_editor.post(f"{URL}?state=up", data | {"action": "delete"}).content.decode()
    assert f'action="{URL}?state=up"' in question
    assert f'href="{LIST}?state=up"' in question


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose at least one monitor."),
        ({"action": "pause"}, "Choose at least one monitor."),
        ({"action": "tag", "tag": ""}, "Type a tag."),
        ({"action": "tag", "tag": "two words"}, "is not a tag"),
        ({"action": "explode"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_done_is_said(
    as_editor: Client, chosen: list[Monitor], data: dict[str, Any], sentence: str
) -> None:
    with_monitors = {"monitors": [chosen[0].pk]} if data.get("action") not in (None, "pause") else {}
    assert as_editor.post(URL, data | with_monitors).status_code == 302
    assert sentence in message(as_editor)


def test_too_many_are_refused_before_they_are_looked_up(
    as_editor: Client, chosen: list[Monitor], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        as_editor.post(URL, {"monitors": [uuid.uuid4() for _ in range(5000)], "action": "pause"})
    assert "Choose 200 monitors at most." in message(as_editor)


def test_monitors_of_others_do_not_exist(
    as_editor: Client, other_workspace: Workspace, chosen: list[Monitor]
) -> None:
    theirs = make_monitor(other_workspace, "Theirs")
    act(as_editor, [theirs], "delete", sure="yes")
    assert Monitor.objects.filter(pk=theirs.pk).exists()


def test_viewers_choose_nothing(as_viewer: Client, as_editor: Client, chosen: list[Monitor]) -> None:
    assert act(as_viewer, chosen, "pause").status_code == 403
    assert 'name="monitors"' not in message(as_viewer)
    assert message(as_editor).count('name="monitors"') == 3
