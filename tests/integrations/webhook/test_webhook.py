"""Results of runs at an address of one's own."""

import hashlib
import hmac
import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.models import Delivery, DeliveryStatus, Incident, Integration
from integrations.webhook import provider
from monitors import maintenance
from monitors.models import Monitor
from tests.factories import make_environment, make_monitor, make_request_result, make_run, make_window
from tests.integrations.factories import deliver_all, deliver_later, fail, record, succeed
from tests.integrations.webhook.conftest import SECRET, Receiver, make_webhook
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

ADD = "/integrations/webhook/add/"


def test_every_run_is_posted_in_postmans_shape(workspace: Workspace, owner: User, receiver: Receiver) -> None:
    environment = make_environment(workspace, "Staging", token="s3cr3t")
    monitor = make_monitor(workspace, environment=environment, created_by=owner)
    make_webhook(monitor, receiver.url)
    run = make_run(monitor)
    for milliseconds in (100, 300):
        make_request_result(run, response_time_ms=milliseconds)
    record(run)
    deliver_all()
    (body,) = receiver.bodies
    assert (
        body.items()
        >= {
            "collection_name": "Orders",
            "collection_uid": str(monitor.collection_id),
            "environment_name": "Staging",
            "environment_uid": str(environment.pk),
            "metrics": {
                "errors": 0,
                "failedTests": 0,
                "passedTests": 1,
                "requestCount": 1,
                "totalLatency": 400,
                "warnings": 0,
            },
            "monitor_name": "Checkout",
            "monitor_uid": str(monitor.pk),
            "user_id": str(owner.pk),
            "user_name": "owner@acme.example",
        }.items()
    )
    assert (body["result"], body["run_id"]) == ("successful", run.pk)


def test_a_failed_run_is_posted_and_opens_no_incident(
    webhook: Integration, monitor: Monitor, receiver: Receiver
) -> None:
    fail(monitor)
    deliver_all()
    assert receiver.bodies[0]["metrics"]["failedTests"] == 1
    assert not Incident.objects.exists()


def test_it_is_signed(webhook: Integration, monitor: Monitor, receiver: Receiver) -> None:
    succeed(monitor)
    deliver_all()
    headers, body = receiver.requests[0]
    signed = headers["X-Postwatch-Timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Postwatch-Signature"] == f"sha256={expected}"
    assert abs(int(headers["X-Postwatch-Timestamp"]) - time.time()) < 10


def test_it_can_be_limited_to_the_third_failure_and_the_recovery(
    monitor: Monitor, receiver: Receiver
) -> None:
    make_webhook(monitor, receiver.url, when="changes")
    succeed(monitor)
    for _ in range(5):
        fail(monitor)
    for _ in range(2):
        succeed(monitor)
    for _ in range(2):
        fail(monitor)
    succeed(monitor)
    deliver_all()
    assert [body["result"] for body in receiver.bodies] == ["failure", "successful"]


def test_a_window_keeps_failed_runs_from_it(
    webhook: Integration, monitor: Monitor, receiver: Receiver
) -> None:
    make_window(monitor.workspace, monitor)
    fail(monitor)
    succeed(monitor)
    deliver_all()
    assert [body["result"] for body in receiver.bodies] == ["successful"]


def test_an_outage_that_outlives_a_window_is_a_change(monitor: Monitor, receiver: Receiver) -> None:
    make_webhook(monitor, receiver.url, when="changes")
    window = make_window(monitor.workspace, monitor)
    for _ in range(4):
        fail(monitor)
    maintenance.end_now(window)
    for _ in range(2):
        fail(monitor)
    succeed(monitor)
    deliver_all()
    assert [body["result"] for body in receiver.bodies] == ["failure", "successful"]


def test_a_paused_one_posts_nothing(webhook: Integration, monitor: Monitor, receiver: Receiver) -> None:
    webhook.pause(close_incidents=True)
    fail(monitor)
    deliver_all()
    assert receiver.bodies == []


@pytest.mark.parametrize("status", [500, 503, 429, 425, 408])
def test_what_may_pass_is_sent_again_under_the_same_id(
    webhook: Integration, monitor: Monitor, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    succeed(monitor)
    deliver_all()
    assert Delivery.objects.get().status == DeliveryStatus.PENDING
    deliver_later()
    assert Delivery.objects.get().status == DeliveryStatus.ACCEPTED
    ids = {headers["X-Postwatch-Delivery"] for headers, _ in receiver.requests}
    assert ids == {str(Delivery.objects.get().pk)}


@pytest.mark.parametrize("status", [302, 400, 404, 410])
def test_what_will_not_pass_is_final(
    webhook: Integration, monitor: Monitor, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    succeed(monitor)
    deliver_all()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.response_status) == (DeliveryStatus.REJECTED, status)
    assert len(receiver.requests) == 1


def test_one_that_waits_does_not_hold_up_the_next(
    webhook: Integration, monitor: Monitor, receiver: Receiver
) -> None:
    receiver.answers = [500]
    succeed(monitor)
    deliver_all()
    fail(monitor)
    deliver_all()
    assert [body["result"] for body in receiver.bodies] == ["successful", "failure"]


def test_private_addresses_are_out_of_reach(
    webhook: Integration, monitor: Monitor, receiver: Receiver, settings: Settings
) -> None:
    settings.EGRESS_ALLOW = []
    succeed(monitor)
    deliver_all()
    delivery = Delivery.objects.get()
    assert "private, local or reserved address" in delivery.response_text
    assert receiver.requests == []


def test_a_receiver_that_takes_no_connection_is_given_up(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "TIMEOUT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, socket.socket() as first:
        first.connect(server.getsockname())  # The system answers no more than this one until it is accepted.
        make_webhook(monitor, f"http://127.0.0.1:{server.getsockname()[1]}/")
        succeed(monitor)
        started = time.monotonic()
        deliver_all()
        assert time.monotonic() - started < 8
    assert Delivery.objects.get().status == DeliveryStatus.PENDING


def test_a_receiver_that_responds_byte_by_byte_is_cut_off(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "TIMEOUT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=[server], daemon=True).start()
        make_webhook(monitor, f"http://127.0.0.1:{server.getsockname()[1]}/")
        succeed(monitor)
        started = time.monotonic()
        deliver_all()
        assert time.monotonic() - started < 8
    assert Delivery.objects.get().status == DeliveryStatus.PENDING


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("a date", 300), ("999999999", 1800)])
def test_it_waits_as_long_as_the_receiver_asks_for(monitor: Monitor, header: str, seconds: int) -> None:
    if header == "a date":
        header = format_datetime(timezone.now() + timedelta(minutes=5), usegmt=True)
    answer = f"HTTP/1.1 503 Busy\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n"
    delivery = answered(monitor, answer.encode())
    wait = (delivery.next_attempt_at - timezone.now()).total_seconds()
    assert 0.9 * seconds < wait < 1.3 * seconds


@pytest.mark.parametrize("header", ["soon", "-5", "", "Thu, 99 Nov 2026 08:00:00 GMT"])
def test_a_wait_that_makes_no_sense_is_the_usual_one(monitor: Monitor, header: str) -> None:
    answer = f"HTTP/1.1 503 Busy\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n"
    delivery = answered(monitor, answer.encode())
    assert 20 < (delivery.next_attempt_at - timezone.now()).total_seconds() < 40


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (b"No\0thing", "400 No�thing"),
        (b"\xff\xfe", "400 ��"),
        (b"\x1b[31mRed", "400 �[31mRed"),
        (b"x" * 5000, "400 " + "x" * 200 + "…"),
        (SECRET.encode() + b" is wrong", "400 ***** is wrong"),
        (b"Nothing at /hooks/t0ken?key=s3cr3t-k3y", "400 Nothing at *****"),
        (b"Who is ada?", "400 Who is ada?"),
        (b"Not with pa55word", "400 Not with *****"),
    ],
)
def test_an_unusual_response_is_shown_safely(monitor: Monitor, reason: bytes, shown: str) -> None:
    path = "ada:pa55word@{}/hooks/t0ken?key=s3cr3t-k3y"
    delivery = answered(monitor, b"HTTP/1.1 400 " + reason + b"\r\nContent-Length: 0\r\n\r\n", path)
    assert delivery.response_text == f"The receiver responded with {shown}"


def test_only_the_beginning_of_a_long_response_is_read(monitor: Monitor) -> None:
    delivery = answered(monitor, b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 100_000)
    assert (delivery.status, delivery.response_text) == (
        DeliveryStatus.ACCEPTED,
        "200 OK: " + "x" * 500 + "…",
    )


def answered(monitor: Monitor, answer: bytes, address: str = "{}/hooks/t0ken") -> Delivery:
    """What became of a result whose receiver answers with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=give, args=[server, answer], daemon=True).start()
        make_webhook(monitor, "http://" + address.format(f"127.0.0.1:{server.getsockname()[1]}"))
        succeed(monitor)
        deliver_all()
    return Delivery.objects.get()


def give(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.recv(100_000)
        connection.sendall(answer)


def drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)
    except OSError:
        pass


def test_what_a_deleted_one_still_owed_is_not_sent(
    webhook: Integration, monitor: Monitor, receiver: Receiver
) -> None:
    succeed(monitor)
    webhook.delete()
    deliver_all()
    assert receiver.requests == []
    assert Delivery.objects.get().status == DeliveryStatus.CANCELLED


def test_the_test_event_says_that_it_is_one(webhook: Integration, receiver: Receiver) -> None:
    webhook.send_test()
    deliver_all()
    assert receiver.bodies[0]["test"] is True
    assert receiver.bodies[0]["monitor_name"] == "Checkout"


class TestForm:
    def values(self, monitor: Monitor, **changes: object) -> dict[str, object]:
        return {
            "name": "Hook",
            "workspace": monitor.workspace_id,
            "monitor": monitor.pk,
            "url": "https://example.com/hooks/t0ken",
            "secret": SECRET,
        } | changes

    def test_it_adds(self, as_editor: Client, monitor: Monitor) -> None:
        as_editor.post(ADD, self.values(monitor))
        assert Integration.objects.get().config == {
            "url": "https://example.com/hooks/t0ken",
            "secret": SECRET,
            "when": "every_run",
        }

    def test_a_secret_is_suggested_anew_each_time(self, as_editor: Client) -> None:
        secrets = {as_editor.get(ADD).context["form"].config["secret"].value() for _ in range(2)}
        assert len(secrets) == 2
        assert all(len(secret) == 48 for secret in secrets)

    @pytest.mark.parametrize(
        "url", ["ftp://example.com", "example.com/hook", "https://", "https://a b.example", "http://[::1"]
    )
    def test_it_needs_a_complete_url(self, as_editor: Client, monitor: Monitor, url: str) -> None:
        response = as_editor.post(ADD, self.values(monitor, url=url))
        assert response.status_code == 422
        assert "Enter a complete URL" in response.content.decode()

    @pytest.mark.parametrize(
        ("url", "tool"),
        [
            ("https://hooks.slack.com/services/T000/B000/XXXX", "Slack"),
            ("https://discord.com/api/webhooks/1/abc", "Discord"),
            ("https://acme.webhook.office.com/webhookb2/1", "Microsoft Teams"),
        ],
    )
    def test_a_chat_tools_address_is_refused_since_the_tool_would_refuse_the_body(
        self, as_editor: Client, monitor: Monitor, url: str, tool: str
    ) -> None:
        response = as_editor.post(ADD, self.values(monitor, url=url))
        assert response.status_code == 422
        assert f"{tool} accepts only messages in its own format" in response.content.decode()

    def test_address_and_secret_are_not_shown_again(self, as_editor: Client, webhook: Integration) -> None:
        for url in (webhook.get_absolute_url(), f"{webhook.get_absolute_url()}edit/"):
            page = as_editor.get(url).content.decode()
            assert SECRET not in page
            assert "/hooks/t0ken" not in page

    def test_a_search_for_what_is_not_there_offers_it(self, as_viewer: Client) -> None:
        assert "/integrations/webhook/" in as_viewer.get("/integrations/?q=carrier+pigeon").content.decode()

    def test_a_search_for_a_chat_tool_says_that_it_does_not_accept_a_webhooks_body(
        self, as_viewer: Client
    ) -> None:
        for page in ("/integrations/?q=slack", "/integrations/webhook/"):
            assert "Slack, Microsoft Teams and Discord do not accept" in as_viewer.get(page).content.decode()


def test_an_address_may_have_letters_that_urls_do_not(monitor: Monitor, receiver: Receiver) -> None:
    make_webhook(monitor, receiver.url + "/größe?név=ő&as=it%20is")
    succeed(monitor)
    deliver_all()
    assert receiver.paths == ["/hooks/t0ken/gr%C3%B6%C3%9Fe?n%C3%A9v=%C5%91&as=it%20is"]
