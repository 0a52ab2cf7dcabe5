from datetime import timedelta
from typing import Any

import pytest
from django.forms.models import model_to_dict
from django.test import Client
from django.utils import timezone

from monitors.models import Monitor
from tests.factories import make_monitor
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, "Checkout", cron="0 9 * * *")


@pytest.fixture
def url(monitor: Monitor) -> str:
    return f"{monitor.get_absolute_url()}edit/"


@pytest.fixture
def typed(monitor: Monitor) -> dict[str, Any]:
    fields = ["name", "collection", "timezone", "second", "request_timeout_ms", "delay_request_ms", "retries"]
    return model_to_dict(monitor, fields) | {"schedule": "daily", "at": "09:00", "verify_tls": "on"}


def test_it_changes_the_options(as_editor: Client, monitor: Monitor, url: str, typed: dict[str, Any]) -> None:
    as_editor.post(url, typed | {"name": "Renamed", "retries": 2, "request_timeout_ms": 5000})
    monitor.refresh_from_db()
    assert (monitor.name, monitor.retries, monitor.request_timeout_ms) == ("Renamed", 2, 5000)
    assert not monitor.follow_redirects


def test_a_new_schedule_moves_the_next_run(
    as_editor: Client, monitor: Monitor, url: str, typed: dict[str, Any]
) -> None:
    as_editor.post(url, typed | {"schedule": "* * * * *"})
    monitor.refresh_from_db()
    assert monitor.next_run_at
    assert monitor.next_run_at <= timezone.now() + timedelta(minutes=1)


def test_the_same_schedule_leaves_the_next_run_alone(
    as_editor: Client, monitor: Monitor, url: str, typed: dict[str, Any]
) -> None:
    Monitor.objects.update(next_run_at=timezone.now())
    before = Monitor.objects.get().next_run_at
    as_editor.post(url, typed | {"name": "Renamed"})
    assert Monitor.objects.get().next_run_at == before


def test_another_second_moves_the_next_run_and_an_empty_one_is_the_monitors_own(
    as_editor: Client, monitor: Monitor, url: str, typed: dict[str, Any]
) -> None:
    as_editor.post(url, typed | {"second": "42"})
    monitor.refresh_from_db()
    assert monitor.second == 42
    assert monitor.next_run_at
    assert (monitor.next_run_at.hour, monitor.next_run_at.second) == (9, 42)
    as_editor.post(url, typed | {"second": ""})
    monitor.refresh_from_db()
    assert monitor.second == monitor.pk.int % 60


@pytest.mark.parametrize(
    ("cron", "selected", "at"),
    [
        ("30 7 * * *", "daily", "07:30"),
        ("5 18 * * 1-5", "weekdays", "18:05"),
        ("0 9 * * 0", "weekly", "09:00"),
        ("*/2 * * * *", "*/2 * * * *", "09:00"),
    ],
)
def test_a_stored_expression_is_shown_as_the_choice_that_makes_it(
    as_editor: Client, monitor: Monitor, url: str, cron: str, selected: str, at: str
) -> None:
    Monitor.objects.update(cron=cron)
    page = as_editor.get(url).content.decode()
    assert f'<option value="{selected}" selected>' in page
    assert f'value="{at}"' in page


def test_the_form_opens_with_what_is_set(as_editor: Client, monitor: Monitor, url: str) -> None:
    Monitor.objects.update(cron="7 * * * *", retries=3)
    page = as_editor.get(url).content.decode()
    assert '<option value="own" selected>' in page
    assert 'value="7 * * * *"' in page
    assert '<details class="fold" open>' in page


def test_options_at_their_defaults_stay_folded(as_editor: Client, url: str) -> None:
    assert '<details class="fold">' in as_editor.get(url).content.decode()


def test_too_long_a_timeout_is_refused_in_the_opened_fold(
    as_editor: Client, url: str, typed: dict[str, Any]
) -> None:
    answer = as_editor.post(url, typed | {"request_timeout_ms": 300_001})
    assert answer.status_code == 422
    assert '<details class="fold" open>' in answer.content.decode()


def test_viewers_may_not(as_viewer: Client, url: str, typed: dict[str, Any]) -> None:
    assert as_viewer.get(url).status_code == as_viewer.post(url, typed).status_code == 403


def test_outsiders_find_nothing(
    as_outsider: Client, monitor: Monitor, url: str, typed: dict[str, Any]
) -> None:
    elsewhere = url.replace("/acme/", "/elsewhere/")
    for path in (url, elsewhere):
        assert as_outsider.get(path).status_code == as_outsider.post(path, typed).status_code == 404
