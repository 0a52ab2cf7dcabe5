"""The page of a run: why it failed, its requests on one clock, and one of them in full."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from monitors.models import Exchange, Monitor, Result, Run
from monitors.models.runs import RunStatus
from monitors.request_results import SentRequestResult
from monitors.runner.captures import KeptBody, KeptExchange, KeptMessage
from monitors.runner.report import Phases
from tests.factories import (
    make_console,
    make_environment,
    make_monitor,
    make_request_result,
    make_run,
    make_running_run,
)
from workspaces.models import Workspace

FAILED_TEST = {
    "name": "Status is 201",
    "passed": False,
    "skipped": False,
    "error": "expected 201 but got 500",
}
UNANSWERED: dict[str, Any] = {"status_code": None, "response_time_ms": None, "response_size": None}


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


def page_of(client: Client, run: Run, query: str = "") -> str:
    """The text of the page, with single spaces and without entities for quotes."""
    response = client.get(run.get_absolute_url() + query)
    assert response.status_code == 200
    content = re.sub(r"\s+", " ", response.content.decode())
    return content.replace("&#x27;", "'").replace("&quot;", '"')


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))


def failed_run(monitor: Monitor) -> Run:
    run = make_run(monitor, Result.FAILURE, summary="Create order: Status is 201", failed_tests=1)
    make_request_result(run, "List orders")
    make_request_result(run, "Create order", folder="Orders / New", status_code=500, assertions=[FAILED_TEST])
    return run


def keep(run: Run, position: int, body: str, is_good: bool = False, **headers: str) -> None:
    response = KeptMessage(list(headers.items()), KeptBody(body, "application/json", len(body)))
    kept = KeptExchange(position, "GET", "https://api.example/orders", KeptMessage(), response)
    Exchange.of(run, position, kept, is_good).save()


class TestRequests:
    def test_the_first_failure_is_open(self, as_viewer: Client, monitor: Monitor) -> None:
        page = page_of(as_viewer, failed_run(monitor))
        assert '<h2 id="request-name"><bdi>Create order</bdi></h2>' in page
        assert re.search(r'id="request-1"[^>]* aria-current="true"', page)
        for text in ("Orders / New", "Status is 201", "expected 201 but got 500"):
            assert text in page

    def test_an_error_that_made_the_result_comes_before_a_test_that_failed_earlier(
        self, as_viewer: Client, monitor: Monitor
    ) -> None:
        run = make_run(monitor, Result.ERROR)
        make_request_result(run, "Judged", assertions=[FAILED_TEST])
        make_request_result(run, "Unanswered", error_message="aborted", error_code="ECONNRESET", **UNANSWERED)
        page = page_of(as_viewer, run)
        assert '<h2 id="request-name"><bdi>Unanswered</bdi></h2>' in page
        assert "Unanswered: aborted" in words_of(page)

    def test_another_one_opens_by_a_link(self, as_viewer: Client, monitor: Monitor) -> None:
        page = page_of(as_viewer, failed_run(monitor), "?request=0&tab=tests")
        assert '<h2 id="request-name"><bdi>List orders</bdi></h2>' in page
        assert 'class="run has-request"' in page
        assert 'href="?request=1&amp;tab=tests"' in page

    @pytest.mark.parametrize(
        "query", ["?request=99", "?request=x", "?request=²", "?tab=no", "?with=x", "?with=9"]
    )
    def test_an_old_link_shows_the_run_as_it_is(
        self, as_viewer: Client, monitor: Monitor, query: str
    ) -> None:
        assert "Create order" in page_of(as_viewer, failed_run(monitor), query)

    def test_what_its_scripts_sent_stands_under_the_request(
        self, as_viewer: Client, monitor: Monitor
    ) -> None:
        run = make_run(monitor)
        sent = SentRequestResult("", "POST", "https://id.example/token", 200, "OK", 30, 9, 5, 30)
        make_request_result(run, script_requests=[sent] * 25)
        page = page_of(as_viewer, run)
        assert page.count("https://id.example/token") == 20
        assert "5 more requests of its scripts" in page

    def test_a_long_method_is_short_for_the_eye_alone(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor)
        make_request_result(run, method="DELETE")
        make_request_result(run, method="PATCH")
        page = page_of(as_viewer, run)
        assert '<span aria-hidden="true">DEL</span><span class="visually-hidden">DELETE</span>' in page
        assert '<span class="method">PATCH</span>' in page

    def test_lines_of_no_request_stand_beneath_the_list(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor)
        make_request_result(run)
        assert "Console of the run itself" not in page_of(as_viewer, run)
        make_console(run, ("stage", "12 more lines were left out."))
        page = words_of(page_of(as_viewer, run))
        assert "Console of the run itself 1" in page
        assert "12 more lines were left out." in page

    def test_a_run_in_progress_names_no_causes(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_running_run(monitor)
        make_request_result(
            run,
            assertions=[{"name": "", "passed": False}],
            script_errors=[{"listen": "test", "name": "", "message": ""}],
        )
        page = page_of(as_viewer, run, "?tab=tests")
        assert 'class="causes"' not in page
        assert "Post-response script failed" in words_of(page)
        assert "<bdi>A test</bdi>" in page

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [("9", "There is no finished run 9 of this monitor"), ("good", "run that passed")],
    )
    def test_a_run_that_does_not_exist_is_not_compared_with(
        self, as_viewer: Client, monitor: Monitor, wanted: str, words: str
    ) -> None:
        assert words in words_of(page_of(as_viewer, failed_run(monitor), f"?with={wanted}"))

    def test_a_repeated_attempt_stays_in_the_list(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor)
        make_request_result(run, error_message="Timed out", counts=False)
        make_request_result(run, attempt=2)
        page = words_of(page_of(as_viewer, run))
        assert "attempt 1, repeated" in page
        assert "attempt 2" in page

    def test_of_many_requests_a_part_is_shown_with_links_to_the_others(
        self, as_viewer: Client, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("monitors.views.run_page.ROWS", 2)
        run = make_run(monitor)
        for number in range(5):
            make_request_result(run, f"Request {number}")
        page = page_of(as_viewer, run, "?request=2")
        assert ["Request 1" in page, "Request 2" in page, "Request 3" in page, "Request 4" in page] == [
            False, True, True, False,
        ]  # fmt: skip
        assert 'href="?request=0"' in page
        assert 'href="?request=4"' in page

    def test_the_phases_are_told(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor)
        make_request_result(run, phases=Phases(3, 12, 25, 1, 70, 9), elapsed_ms=120)
        page = words_of(page_of(as_viewer, run, "?tab=timing"))
        for text in ("Name lookup3 ms", "TLS25 ms", "First byte70 ms", "Download9 ms"):
            assert text in page

    def test_the_console_is_that_of_the_request(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor)
        make_request_result(run)
        make_console(run, ("log", "between requests"))
        page = page_of(as_viewer, run, "?tab=console")
        assert "between requests" not in page.split('id="request"')[1]
        assert "Its scripts printed nothing." in page


class TestCauses:
    def test_equal_failures_are_one(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor, Result.ERROR)
        for number in range(11):
            make_request_result(run, f"Order {number}", error_message="connect ECONNREFUSED", **UNANSWERED)
        page = words_of(page_of(as_viewer, run))
        assert "11 requests: connect ECONNREFUSED" in page
        assert "Order 0, Order 1, Order 2, Order 3, Order 4, 6 more" in page

    def test_a_missing_variable_is_said_once_with_the_way_to_an_environment(
        self, as_editor: Client, as_viewer: Client, monitor: Monitor
    ) -> None:
        run = make_run(monitor, Result.ERROR)
        for _ in range(3):
            make_request_result(
                run,
                url="http://%7B%7Bcfg_baseURL%7D%7D/orders",
                error_message="getaddrinfo ENOTFOUND",
                **UNANSWERED,
            )
        page = page_of(as_editor, run)
        assert "cfg_baseURL has no value: no environment is chosen. 3 requests need it" in words_of(page)
        assert words_of(page).count("getaddrinfo ENOTFOUND") == 1
        assert f'href="{monitor.get_absolute_url()}edit/#id_environment">Choose environment' in page
        assert "Choose environment" not in page_of(as_viewer, run)

    def test_tests_that_could_not_judge_are_folded(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor, Result.ERROR)
        make_request_result(run, error_message="aborted", assertions=[FAILED_TEST], **UNANSWERED)
        assert "1 test could not judge, because nothing answered" in page_of(as_viewer, run)

    def test_requests_that_were_not_sent_are_explained(self, as_viewer: Client, monitor: Monitor) -> None:
        run = failed_run(monitor)
        for name in ("Order by id", "Pay the order"):
            make_request_result(run, name, is_sent=False, counts=False, assertions=[], **UNANSWERED)
        page = words_of(page_of(as_viewer, run))
        assert "2 requests were not sent: Create order ended the run" in page
        assert "Order by id, Pay the order" in page

    def test_a_script_error_names_the_script_and_its_line(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor, Result.ERROR)
        error = {"listen": "prerequest", "name": "TypeError", "message": "x is undefined", "line": 7}
        make_request_result(run, script_errors=[error])
        page = words_of(page_of(as_viewer, run))
        assert "Pre-request script, line 7:" in page
        assert "TypeError: x is undefined" in page

    def test_failures_in_a_row_are_counted(self, as_viewer: Client, monitor: Monitor) -> None:
        for _ in range(3):
            run = failed_run(monitor)
        assert "3 runs in a row, first at" in page_of(as_viewer, run)

    def test_our_own_trouble_is_called_that(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor, Result.SYSTEM_ERROR, summary="The worker that ran it stopped.")
        assert "This is a system error of Postwatch" in page_of(as_viewer, run)


class TestExchanges:
    def test_editors_see_what_was_received(self, as_editor: Client, monitor: Monitor) -> None:
        run = failed_run(monitor)
        keep(run, 1, '{"error": "The database is read-only."}', retry_after="30")
        page = page_of(as_editor, run)
        assert "The server said “The database is read-only.”" in words_of(page)
        assert '<span class="k">"error"</span>: <span class="st">"The database is read-only."</span>' in page
        assert "retry_after" in page

    def test_viewers_do_not(self, as_viewer: Client, monitor: Monitor) -> None:
        run = failed_run(monitor)
        keep(run, 1, '{"error": "The database is read-only."}')
        page = page_of(as_viewer, run)
        assert "read-only" not in page
        assert "Editors see here what was sent and received." in page

    def test_a_body_is_no_markup(self, as_editor: Client, monitor: Monitor) -> None:
        run = failed_run(monitor)
        keep(run, 1, "<script>alert(1)</script>", X="<b>")
        page = page_of(as_editor, run)
        assert "<script>alert" not in page
        assert "<bdi><b>" not in page

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({}, "is not kept any longer"),
            ({"keep_exchanges": False}, "switched off"),
        ],
    )
    def test_it_says_why_there_is_nothing(
        self, as_editor: Client, monitor: Monitor, change: dict[str, bool], sentence: str
    ) -> None:
        run = failed_run(monitor)
        Monitor.objects.update(**change) if change else None
        assert sentence in page_of(as_editor, run)


class TestComparison:
    def test_with_the_last_good_run(self, as_editor: Client, monitor: Monitor) -> None:
        good = make_run(monitor)
        make_request_result(good, "Create order", folder="Orders / New", status_code=201, response_time_ms=40)
        keep(good, 0, '{"id": 7, "same": 1}', is_good=True, etag="a")
        run = failed_run(monitor)
        keep(run, 1, '{"error": "no", "same": 1}', etag="b", retry_after="30")
        assert 'href="?request=1&amp;with=good"' in page_of(as_editor, run)
        page = page_of(as_editor, run, "?with=good")
        words = words_of(page)
        assert "was 201" in words
        assert "+80 ms" in words
        assert '<span class="l del"> <span class="k">"id"</span>' in page
        assert '<span class="l add"> <span class="k">"error"</span>' in page
        assert re.search(r'<span class="l"> <span class="k">"same"</span>', page)
        assert "b was a" in words
        assert "30 new" in words

    def test_with_any_other_by_its_number(self, as_viewer: Client, monitor: Monitor) -> None:
        other, run = failed_run(monitor), failed_run(monitor)
        assert f"End comparison with run {other.number}" in page_of(as_viewer, run, f"?with={other.number}")

    def test_runs_of_other_monitors_are_not_found(
        self, as_viewer: Client, monitor: Monitor, other_workspace: Workspace
    ) -> None:
        theirs = make_monitor(other_workspace)
        for _ in range(5):
            make_run(theirs)
        assert "End comparison" not in page_of(as_viewer, failed_run(monitor), "?with=5")


class TestActions:
    def test_it_is_run_again_in_its_region(
        self, as_editor: Client, workspace: Workspace, settings: Settings
    ) -> None:
        settings.REGIONS = ["us", "eu"]
        run = make_run(make_monitor(workspace, regions=["us", "eu"]), region="eu")
        assert "Run again" in page_of(as_editor, run)
        answer = as_editor.post(f"{run.get_absolute_url()}again/")
        again = Run.objects.waiting().get()
        assert (again.region, again.type, answer["Location"]) == ("eu", "manual", again.get_absolute_url())

    @pytest.mark.parametrize(
        ("in_use", "refusal"),
        [
            (["us"], "The region eu is not in use any more."),
            (["us", "eu"], "The monitor does not run in the region eu any more."),
        ],
    )
    def test_it_is_not_run_again_in_a_former_region(
        self, as_editor: Client, workspace: Workspace, settings: Settings, in_use: list[str], refusal: str
    ) -> None:
        settings.REGIONS = in_use
        run = make_run(make_monitor(workspace, regions=["us"]), region="eu")
        assert "Run again" not in page_of(as_editor, run)
        page = as_editor.post(f"{run.get_absolute_url()}again/", follow=True)
        assert refusal in page.content.decode()
        assert not Run.objects.waiting().exists()

    def test_viewers_start_nothing(self, as_viewer: Client, monitor: Monitor) -> None:
        run = make_run(monitor)
        assert as_viewer.post(f"{run.get_absolute_url()}again/").status_code == 403
        assert "Run again" not in page_of(as_viewer, run)

    def test_too_many_runs_are_refused(self, as_editor: Client, monitor: Monitor) -> None:
        run = make_run(monitor)
        for _ in range(6):
            answer = as_editor.post(f"{run.get_absolute_url()}again/", follow=True)
        assert "have not finished" in answer.content.decode()

    def test_a_run_in_progress_shows_what_is_known_and_can_be_canceled(
        self, as_editor: Client, monitor: Monitor
    ) -> None:
        run = make_running_run(monitor)
        make_request_result(run, "List orders")
        page = page_of(as_editor, run)
        assert 'hx-trigger="every 2s"' in page
        assert "List orders" in page
        assert "Cancel run" in page
        run.finish(status=RunStatus.FINISHED, result=Result.SUCCESSFUL, finished_at=run.started_at)
        page = page_of(as_editor, run)
        assert 'hx-trigger="every 2s"' not in page
        assert "Cancel run" not in page
        assert "Run again" in page


def test_it_leads_to_the_runs_before_and_after(as_viewer: Client, monitor: Monitor) -> None:
    older, run, newer = (make_run(monitor) for _ in range(3))
    page = page_of(as_viewer, run)
    assert "2 of 3" in page
    assert f'href="{older.get_absolute_url()}" rel="prev"' in page
    assert f'href="{newer.get_absolute_url()}" rel="next"' in page


def test_the_number_of_queries_does_not_grow_with_the_requests(
    as_editor: Client, monitor: Monitor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monitor.environment = make_environment(monitor.workspace)
    monitor.save()
    good, run = failed_run(monitor), failed_run(monitor)
    Run.objects.filter(pk=good.pk).update(result=Result.SUCCESSFUL)
    for _ in range(30):
        make_request_result(run)
    with django_assert_max_num_queries(19):
        as_editor.get(run.get_absolute_url() + "?with=good")


def test_outsiders_find_nothing(as_outsider: Client, monitor: Monitor) -> None:
    url = make_run(monitor).get_absolute_url()
    assert as_outsider.get(url).status_code == 404
    assert as_outsider.get(url.replace("/acme/", "/elsewhere/")).status_code == 404


def test_a_number_that_no_run_has_is_not_found(as_viewer: Client) -> None:
    assert as_viewer.get(f"/w/acme/runs/{10**30}/").status_code == 404
