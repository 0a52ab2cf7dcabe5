"""Search or jump: by the page, and by the palette that htmx fills."""

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from monitors.models import Result
from tests.factories import make_collection, make_environment, make_monitor, make_run
from workspaces.models import Workspace

URL = "/w/acme/search/"


def found(client: Client, query: str) -> list[str]:
    """The labels of what is found."""
    page = client.get(URL, {"q": query}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    labels = re.findall(r'role="option".*?<span><bdi>(.*?)</bdi></span>', page, re.DOTALL)
    return [strip_tags(label) for label in labels]


@pytest.fixture(autouse=True)
def things(workspace: Workspace) -> None:
    collection = make_collection(workspace, "Order service")
    make_monitor(workspace, "Place an order", collection=collection)
    make_monitor(workspace, "Order history", collection=collection)
    make_environment(workspace, "Staging")


def test_all_words_must_be_in_the_name(as_viewer: Client) -> None:
    assert found(as_viewer, "ord") == ["Order history", "Place an order", "Order service"]
    assert found(as_viewer, "order pla") == ["Place an order"]
    assert found(as_viewer, "stag") == ["Staging"]


def test_a_run_is_found_by_its_number(as_viewer: Client, workspace: Workspace) -> None:
    checkout = make_monitor(workspace, "Checkout")
    for _ in range(3):
        make_run(checkout, Result.FAILURE)
    make_run(make_monitor(workspace, "Sign-up"))
    assert found(as_viewer, "3") == ["Checkout, run 3"]
    assert found(as_viewer, "#1") == ["Sign-up, run 1", "Checkout, run 1"]
    assert found(as_viewer, "check 1") == ["Checkout, run 1"]
    assert found(as_viewer, "99999999999999999999") == []


def test_a_monitor_is_muted_for_as_long_as_one_types(as_editor: Client, workspace: Workspace) -> None:
    make_monitor(workspace, "Checkout")
    hour, hours, tomorrow = found(as_editor, "mute check")
    assert [hour, hours] == ["Mute Checkout for 1 hour", "Mute Checkout for 4 hours"]
    assert tomorrow.startswith("Mute Checkout until tomorrow")
    assert found(as_editor, "mute check 4 h") == [hours]
    page = as_editor.get(URL, {"q": "mute check 1h"}, headers={"HX-Request": "true"}).content.decode()
    assert '<input type="hidden" name="for" value="1h">' in page


def test_pages_are_found_and_those_of_editors_by_editors_alone(as_viewer: Client, as_editor: Client) -> None:
    assert found(as_viewer, "maint") == ["Maintenance"]
    assert found(as_editor, "maint") == ["Maintenance", "Add maintenance window"]


def test_a_verb_before_a_name_is_an_action(as_editor: Client, as_viewer: Client) -> None:
    assert found(as_editor, "run hist") == ["Run Order history now"]
    page = as_editor.get(URL, {"q": "run hist"}, headers={"HX-Request": "true"}).content.decode()
    [action] = re.findall(r'<form method="post" action="([^"]+)"', page)
    assert as_editor.post(action).status_code == 302
    assert found(as_viewer, "run hist") == []


def test_pausing_and_resuming_are_offered_where_they_change_something(
    as_editor: Client, workspace: Workspace
) -> None:
    monitor = make_monitor(workspace, "Checkout")
    assert found(as_editor, "resume check") == []
    assert found(as_editor, "pause check") == ["Pause Checkout"]
    monitor.pause()
    assert found(as_editor, "resume check") == ["Resume Checkout"]


def test_without_words_it_offers_what_fails_and_the_pages(as_viewer: Client, workspace: Workspace) -> None:
    make_run(make_monitor(workspace, "Checkout"), Result.FAILURE)
    assert found(as_viewer, "")[:2] == ["Checkout", "Home"]


def test_what_finds_nothing_says_so(as_viewer: Client) -> None:
    page = as_viewer.get(URL, {"q": "<b>nothing"}).content.decode()
    assert "Nothing here is called “<bdi>&lt;b&gt;nothing</bdi>”." in page


def test_it_is_a_page_without_javascript(as_editor: Client) -> None:
    page = as_editor.get(URL, {"q": "run hist"}).content.decode()
    assert "<h1" in page
    assert "Run Order history now" in page


def test_another_workspace_stays_out_of_sight(as_viewer: Client, other_workspace: Workspace) -> None:
    make_run(make_monitor(other_workspace, "Their order"))
    assert "Their order" not in found(as_viewer, "order")
    assert found(as_viewer, "1") == []
    assert as_viewer.get(f"/w/{other_workspace.slug}/search/").status_code == 404


def test_it_finds_a_few_of_many_with_few_queries(
    as_editor: Client, workspace: Workspace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    collection = make_collection(workspace)
    for number in range(30):
        make_monitor(workspace, f"Many {number:02}", collection=collection)
    with django_assert_max_num_queries(9):
        assert len(found(as_editor, "many")) == 6
