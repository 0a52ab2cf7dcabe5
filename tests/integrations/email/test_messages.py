"""What the mails say: short, grouped by cause, as text and as HTML."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations import rejections, tasks
from integrations.models import Integration
from monitors.models import Monitor, Result, Run
from tests.factories import make_monitor, make_run
from tests.integrations.email.test_email import make_email
from tests.integrations.factories import (
    deliver_all,
    fail,
    make_failed_request,
    make_integration,
    record,
    succeed,
)
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

SCRIPT_ERROR = {"listen": "test", "name": "ReferenceError", "message": "token is not defined", "line": 3}


@pytest.fixture(autouse=True)
def integration(monitor: Monitor) -> Integration:
    return make_email(monitor, recipients=["ada@acme.example"])


def html_of(mail: Any) -> str:
    ((content, kind),) = mail.alternatives
    assert kind == "text/html"
    return str(content)


def words_of(html: str) -> str:
    """What a person reads of it."""
    body = re.sub(r"(?s)<(style|title)>.*?</\1>", "", html)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def mail_of(run: Run, mailoutbox: list[Any]) -> Any:
    record(run)
    deliver_all()
    return mailoutbox[-1]


def failed_run(monitor: Monitor, *requests: dict[str, Any], **fields: Any) -> Run:
    run = make_run(monitor, Result.ERROR, summary="Several requests failed", **fields)
    for request in requests:
        make_failed_request(run, **request)
    return run


def refused(number: int) -> dict[str, Any]:
    message = "connect ECONNREFUSED 10.0.0.1:443"
    return {"name": f"Request {number}", "status_code": None, "error_message": message, "assertions": []}


def test_an_error_of_a_script_reads_as_javascript_prints_it(monitor: Monitor, mailoutbox: list[Any]) -> None:
    run = failed_run(monitor, {"script_errors": [SCRIPT_ERROR], "assertions": []})
    mail = mail_of(run, mailoutbox)
    for text in (mail.body, words_of(html_of(mail))):
        assert "ReferenceError: token is not defined" in text
        assert "{" not in text


def test_requests_that_failed_alike_are_listed_together(monitor: Monitor, mailoutbox: list[Any]) -> None:
    other = {"name": "Create order", "status_code": 500}
    mail = mail_of(failed_run(monitor, other, *map(refused, range(1, 12))), mailoutbox)
    assert "11 requests: connect ECONNREFUSED 10.0.0.1:443\n" in mail.body
    assert "Request 1, Request 2, Request 3, Request 4, Request 5 and 6 more" in mail.body
    assert "Status is 201: expected 500 to equal 201\n    Create order (500)\n" in mail.body
    assert mail.body.index("11 requests") < mail.body.index("Status is 201")
    assert "11 requests connect ECONNREFUSED 10.0.0.1:443" in words_of(html_of(mail))


def test_only_the_first_causes_are_listed_and_the_rest_counted(
    monitor: Monitor, mailoutbox: list[Any]
) -> None:
    causes = [{"name": f"R{n}", "error_message": f"cause {n:02}", "assertions": []} for n in range(60)]
    mail = mail_of(failed_run(monitor, *causes), mailoutbox)
    for text in (mail.body, words_of(html_of(mail))):
        assert "cause 04" in text
        assert "cause 05" not in text
        assert "and 55 more causes" in text


def test_a_mail_is_short_however_long_everything_is(workspace: Workspace, mailoutbox: list[Any]) -> None:
    long = "x<y&" * 5000
    monitor = make_monitor(workspace, "M" * 255)
    make_email(monitor)
    requests = [
        {
            "name": f"{n}" * 255,
            "error_message": f"{n}{long}",
            "script_errors": [SCRIPT_ERROR | {"message": long}],
        }
        for n in range(10)
    ]
    mail = mail_of(failed_run(monitor, *requests), mailoutbox)
    assert len(mail.subject) <= 200
    assert len(mail.body) < 5000
    assert len(html_of(mail)) < 20_000


def test_a_name_is_no_markup_and_starts_no_line(workspace: Workspace, mailoutbox: list[Any]) -> None:
    monitor = make_monitor(workspace, "<img src=x>\nThe run: http://evil.example")
    make_email(monitor, recipients=["eve@acme.example"])
    mail = mail_of(failed_run(monitor, {"name": "<b>bold</b>\nThe run: http://evil.example"}), mailoutbox)
    assert "<img" not in html_of(mail)
    assert "<b>" not in html_of(mail)
    assert not re.search(r"^The run: +http://evil", mail.body, re.MULTILINE)


def test_each_mail_links_to_the_run_and_to_where_it_is_changed(
    monitor: Monitor, integration: Integration, mailoutbox: list[Any]
) -> None:
    runs = [fail(monitor), succeed(monitor)]
    deliver_all()
    assert len(mailoutbox) == 2
    for run, mail in zip(runs, mailoutbox, strict=True):
        for path in (run.get_absolute_url(), monitor.get_absolute_url(), integration.get_absolute_url()):
            assert f"http://postwatch.test{path}" in mail.body
            assert f'href="http://postwatch.test{path}"' in html_of(mail)


def test_a_run_without_a_request_shows_its_summary(monitor: Monitor, mailoutbox: list[Any]) -> None:
    run = make_run(monitor, Result.ABORT, summary="The run took more than five minutes.")
    mail = mail_of(run, mailoutbox)
    assert "The run took more than five minutes." in mail.body
    assert "The run took more than five minutes." in words_of(html_of(mail))


def test_a_summary_lists_twenty_monitors_those_with_failures_first_and_counts_the_rest(
    monitor: Monitor, integration: Integration, mailoutbox: list[Any]
) -> None:
    for number in range(64):
        make_monitor(monitor.workspace, f"Monitor {number:02}", collection=monitor.collection)
    broken = make_monitor(monitor.workspace, "Zebra", collection=monitor.collection)
    make_run(broken, Result.FAILURE, minutes_ago=5)
    integration.delete()
    make_email(monitor, everything=True, daily_summary=True)
    Integration.objects.update(next_summary_at=timezone.now())
    tasks.sweep_deliveries()
    deliver_all()
    mail = mailoutbox[0]
    assert mail.subject == "All monitors this day: 1 of 66 had failures"
    for text in (mail.body, words_of(html_of(mail))):
        assert "66 monitors, 1 run, 1 of them failed." in text
        assert text.index("Zebra") < text.index("Monitor 00")
        assert "and 46 more monitors" in text
    assert mail.body.count("/monitors/") == 21


def test_the_test_mail_says_that_nothing_is_wrong(integration: Integration, mailoutbox: list[Any]) -> None:
    integration.send_test()
    deliver_all()
    (mail,) = mailoutbox
    assert "Nothing is wrong" in mail.body
    assert "Nothing is wrong" in words_of(html_of(mail))


class TestMailToOwners:
    def mail(self, workspace: Workspace, mailoutbox: list[Any], times: int, problem: str) -> Any:
        pages = make_integration(workspace, name="On <call>")
        for _ in range(times):
            pages.record_rejection(problem)
        rejections.mail_owners()
        (mail,) = mailoutbox
        return mail

    @pytest.mark.parametrize(
        ("times", "consequence"),
        [
            (1, "What was rejected is not sent again. After 3 rejections in a row, nothing more is sent."),
            (3, "This integration notifies nobody until this is fixed."),
        ],
    )
    def test_it_says_what_is_true_now(
        self, workspace: Workspace, mailoutbox: list[Any], times: int, consequence: str
    ) -> None:
        mail = self.mail(workspace, mailoutbox, times, "Invalid routing key")
        for text in (mail.body, words_of(html_of(mail))):
            assert "Invalid routing key" in text
            assert consequence in " ".join(text.split())
        assert "On &lt;call&gt;" in html_of(mail)

    def test_it_is_short_whatever_it_quotes(self, workspace: Workspace, mailoutbox: list[Any]) -> None:
        mail = self.mail(workspace, mailoutbox, 1, "no \n" * 5000)
        assert len(mail.body) < 2000
        assert len(html_of(mail)) < 8000


def test_its_link_opens_the_run_at_once_for_who_is_signed_in_and_after_one_sign_in_for_others(
    monitor: Monitor, mailoutbox: list[Any], as_viewer: Client, client: Client
) -> None:
    run = fail(monitor)
    deliver_all()
    path = run.get_absolute_url()
    outage = f"http://postwatch.test{monitor.outages.get().get_absolute_url()}"
    assert f'href="http://postwatch.test{path}"' in html_of(mailoutbox[-1])
    assert f'href="{outage}"' in html_of(mailoutbox[-1])
    assert f"The outage:  {outage}" in mailoutbox[-1].body
    assert as_viewer.get(path).status_code == 200
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"
