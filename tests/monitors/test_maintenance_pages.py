from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from monitors.models import MaintenanceWindow, Monitor, Result
from tests.factories import make_monitor, make_run, make_window
from workspaces.models import Workspace


def url(workspace: Workspace, path: str = "") -> str:
    return f"/w/{workspace.slug}/maintenance/{path}"


def sent(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Upgrade",
        "mode": "mute",
        "scope": "workspace",
        "kind": "once",
        "starts_at": "2030-07-01T22:00",
        "ends_at": "2030-07-02T01:30",
        "timezone": "Europe/Berlin",
    } | fields


def again(**fields: Any) -> dict[str, Any]:
    recurring = {
        "kind": "again",
        "cron": "0 22 * * 6",
        "duration_minutes": "90",
        "starts_at": "",
        "ends_at": "",
    }
    return sent(**recurring | fields)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, tags=["payments"])


def test_a_window_is_planned_in_its_own_zone(as_editor: Client, workspace: Workspace) -> None:
    assert as_editor.post(url(workspace, "add/"), sent()).status_code == 302
    window = MaintenanceWindow.objects.for_workspace(workspace).get()
    assert window.starts_at == datetime(2030, 7, 1, 20, 0, tzinfo=UTC)
    assert window.ends_at == datetime(2030, 7, 1, 23, 30, tzinfo=UTC)


def test_a_recurring_window_takes_its_next_occurrence(as_editor: Client, workspace: Workspace) -> None:
    as_editor.post(url(workspace, "add/"), again(mode="skip"))
    window = MaintenanceWindow.objects.get()
    assert (window.mode, window.starts_at.weekday()) == ("skip", 5)
    assert window.ends_at - window.starts_at == timedelta(minutes=90)


def test_it_is_for_chosen_monitors_or_a_tag(
    as_editor: Client, workspace: Workspace, monitor: Monitor
) -> None:
    as_editor.post(url(workspace, "add/"), sent(scope="monitors", monitors=[str(monitor.pk)]))
    as_editor.post(url(workspace, "add/"), sent(scope="tag", tag="Payments"))
    chosen, tagged = MaintenanceWindow.objects.order_by("created_at")
    assert list(chosen.monitors.all()) == [monitor]
    assert tagged.tag == "payments"


def test_the_form_shows_what_is_planned_in_its_zone(as_editor: Client, workspace: Workspace) -> None:
    as_editor.post(url(workspace, "add/"), sent())
    page = as_editor.get(url(workspace, f"{MaintenanceWindow.objects.get().pk}/")).content.decode()
    assert 'value="2030-07-01T22:00"' in page
    assert 'value="Europe/Berlin"' in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": ""}, "required"),
        ({"starts_at": "tomorrow"}, "Enter a date and time"),
        ({"starts_at": "9999-12-31T23:59"}, "Enter a year from 1970 to 2199"),
        ({"starts_at": ""}, "Enter a date and time"),
        ({"ends_at": ""}, "Enter a date and time"),
        ({"ends_at": "2030-07-01T21:00"}, "The end must be after the start"),
        ({"starts_at": "2020-07-01T22:00", "ends_at": "2020-07-01T23:00"}, "in the past"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"scope": "monitors"}, "Choose at least one monitor"),
        ({"scope": "monitors", "monitors": ["x"]}, "is not a valid"),
        ({"scope": "tag"}, "Choose a tag"),
        ({"scope": "tag", "tag": "unused"}, "is not one of the available choices"),
        ({"scope": "everything"}, "everything"),
        ({"mode": "explode"}, "explode"),
        ({"kind": ""}, "required"),
        ({"kind": "again"}, "Type a cron expression"),
        ({"kind": "again", "cron": "x", "duration_minutes": "5"}, "five fields"),
        ({"kind": "again", "cron": "* * * * *", "duration_minutes": "5"}, "start again before it ends"),
        ({"kind": "again", "cron": "0 0 * * *", "duration_minutes": "many"}, "whole number"),
        ({"kind": "again", "cron": "0 0 * * *"}, "Enter a number of minutes from 1"),
    ],
)
def test_what_is_wrong_is_said(
    as_editor: Client, workspace: Workspace, fields: dict[str, Any], told: str
) -> None:
    response = as_editor.post(url(workspace, "add/"), sent(**fields))
    assert response.status_code == 422
    assert told in response.content.decode()
    assert not MaintenanceWindow.objects.exists()


def test_monitors_of_other_workspaces_cannot_be_chosen(
    as_editor: Client, workspace: Workspace, other_workspace: Workspace
) -> None:
    theirs = make_monitor(other_workspace)
    response = as_editor.post(url(workspace, "add/"), sent(scope="monitors", monitors=[str(theirs.pk)]))
    assert response.status_code == 422


def test_the_list_names_three_of_many_monitors(
    as_editor: Client, workspace: Workspace, monitor: Monitor
) -> None:
    others = [make_monitor(workspace, f"M{n}", collection=monitor.collection) for n in range(4)]
    make_window(workspace, monitor, *others, scope="monitors")
    others[3].delete()
    page = as_editor.get(url(workspace)).content.decode()
    assert "<bdi>M0</bdi>, <bdi>M1</bdi> and 1 more" in page


def test_an_active_window_is_ended_early(as_editor: Client, workspace: Workspace, monitor: Monitor) -> None:
    window = make_window(workspace)
    make_run(monitor, Result.FAILURE)
    assert as_editor.post(url(workspace, f"{window.pk}/end/")).status_code == 302
    window.refresh_from_db()
    assert window.is_over
    assert Monitor.objects.due(timezone.now()).exists()


def test_renaming_a_recurring_window_that_was_ended_early_does_not_begin_it_anew(
    as_editor: Client, workspace: Workspace
) -> None:
    now = timezone.now()
    as_editor.post(url(workspace, "add/"), again(cron=f"{now.minute} {now.hour} * * *", timezone="UTC"))
    window = MaintenanceWindow.objects.get()
    assert window.is_active
    as_editor.post(url(workspace, f"{window.pk}/end/"))
    fields = again(cron=window.cron, timezone="UTC", name="Renamed")
    as_editor.post(url(workspace, f"{window.pk}/"), fields)
    window.refresh_from_db()
    assert (window.name, window.is_active) == ("Renamed", False)


def test_deleting_it_asks_first(as_editor: Client, workspace: Workspace) -> None:
    path = url(workspace, f"{make_window(workspace).pk}/delete/")
    assert b"Delete maintenance window" in as_editor.get(path).content
    assert as_editor.post(path).status_code == 302
    assert not MaintenanceWindow.objects.exists()


def test_the_list_separates_active_upcoming_and_past_ones(as_viewer: Client, workspace: Workspace) -> None:
    make_window(workspace, name="Going on")
    make_window(workspace, name="Tomorrow", minutes_ago=-1440)
    make_window(workspace, name="Yesterday", minutes_ago=1440, is_over=True)
    page = as_viewer.get(url(workspace)).content.decode()
    order = [
        page.index(text) for text in ("Active now", "Going on", "Upcoming", "Tomorrow", "Over", "Yesterday")
    ]
    assert order == sorted(order)


def test_viewers_read_and_change_nothing(as_viewer: Client, workspace: Workspace) -> None:
    window = make_window(workspace)
    for path in ("add/", f"{window.pk}/", f"{window.pk}/delete/"):
        assert as_viewer.get(url(workspace, path)).status_code == 403
    for path in ("add/", f"{window.pk}/", f"{window.pk}/delete/", f"{window.pk}/end/"):
        assert as_viewer.post(url(workspace, path), sent()).status_code == 403


def test_windows_of_other_workspaces_are_not_there(as_outsider: Client, workspace: Workspace) -> None:
    window = make_window(workspace)
    own = as_outsider.get("/", follow=True).context["workspace"]
    assert as_outsider.get(url(workspace)).status_code == 404
    for path in ("", "end/", "delete/"):
        assert as_outsider.post(url(own, f"{window.pk}/{path}"), sent()).status_code == 404


def test_a_tag_that_no_monitor_has_is_planned_and_said_to_cover_nothing(
    as_editor: Client, workspace: Workspace, monitor: Monitor
) -> None:
    window = make_window(workspace, scope="tag", tag="gone")
    saved = as_editor.post(url(workspace, f"{window.pk}/"), sent(scope="tag", tag="gone"), follow=True)
    page = saved.content.decode()
    assert "No monitor has the tag “gone” now" in page
    assert "covers no monitor now" in page


def test_a_tag_that_a_monitor_has_needs_no_word(
    as_editor: Client, workspace: Workspace, monitor: Monitor
) -> None:
    planned = as_editor.post(url(workspace, "add/"), sent(scope="tag", tag="payments"), follow=True)
    assert "covers no" not in planned.content.decode()


def preview(client: Client, workspace: Workspace, **fields: Any) -> str:
    response = client.post(url(workspace, "preview/"), fields)
    assert response.status_code == 200
    return response.content.decode()


def test_tags_are_chosen_from_those_in_use_with_the_number_of_monitors(
    as_editor: Client, workspace: Workspace, monitor: Monitor, other_workspace: Workspace
) -> None:
    make_monitor(workspace, "Search", tags=["payments", "eu"])
    make_monitor(other_workspace, tags=["theirs"])
    page = as_editor.get(url(workspace, "add/")).content.decode()
    assert '<option value="payments">payments: 2 monitors</option>' in page
    assert '<option value="eu">eu: 1 monitor</option>' in page
    assert "theirs" not in page


def test_the_tag_of_a_window_stays_even_when_no_monitor_has_it_any_more(
    as_editor: Client, workspace: Workspace
) -> None:
    window = make_window(workspace, scope="tag", tag="gone")
    page = as_editor.get(url(workspace, f"{window.pk}/")).content.decode()
    assert '<option value="gone" selected>gone: 0 monitors</option>' in page


def test_the_preview_counts_the_monitors_that_a_window_covers(
    as_editor: Client, workspace: Workspace, monitor: Monitor, other_workspace: Workspace
) -> None:
    make_monitor(workspace, "Search")
    theirs = make_monitor(other_workspace, tags=["payments"])
    assert "<p>2 monitors</p>" in preview(as_editor, workspace, **sent())
    assert "<p>1 monitor</p>" in preview(as_editor, workspace, **sent(scope="tag", tag="payments"))
    chosen = sent(scope="monitors", monitors=[str(monitor.pk)])
    assert "<p>1 monitor</p>" in preview(as_editor, workspace, **chosen)
    for monitors in ([str(theirs.pk)], []):
        assert "<p>0 monitors</p>" in preview(
            as_editor, workspace, **sent(scope="monitors", monitors=monitors)
        )


def test_the_preview_shows_the_next_times_of_a_recurring_window(
    as_editor: Client, workspace: Workspace
) -> None:
    page = preview(as_editor, workspace, **again(cron="30 23 * * 6", timezone="Asia/Tokyo"))
    assert page.count("23:30 to Sun") == 5
    assert page.count("01:00 JST") == 5
    assert "five fields" in preview(as_editor, workspace, **again(cron="x"))
    assert "is not a time zone" in preview(as_editor, workspace, **again(timezone="Nowhere"))
    assert "Type when it starts." in preview(as_editor, workspace, **again(cron=""))


def test_without_javascript_a_button_shows_what_will_happen(as_editor: Client, workspace: Workspace) -> None:
    page = as_editor.post(url(workspace, "add/"), again(preview="yes")).content.decode()
    assert "Next times" in page
    assert not MaintenanceWindow.objects.exists()


def test_maintenance_is_in_the_main_navigation(as_viewer: Client, workspace: Workspace) -> None:
    page = as_viewer.get(workspace.get_absolute_url()).content.decode()
    assert f'href="{url(workspace)}"' in page
