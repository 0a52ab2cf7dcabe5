"""What the run log keeps of a receiver's response, and how Postwatch identifies itself to receivers."""

import pytest
from pytest_django.fixtures import Settings

from integrations.models import Delivery, DeliveryStatus
from monitors.models import Monitor
from tests.integrations.factories import deliver_all, succeed
from tests.integrations.webhook.conftest import SECRET, make_webhook
from tests.monitors.runner.http.server import RawServer, response

pytestmark = pytest.mark.django_db


def post_to(server: RawServer, monitor: Monitor, path: str = "/hooks/t0ken") -> Delivery:
    make_webhook(monitor, server.url + path)
    succeed(monitor)
    deliver_all()
    return Delivery.objects.get()


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("invalid_payload", "invalid_payload"),
        ("two\n  lines\0", "two lines\N{REPLACEMENT CHARACTER}"),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
        ("größer als erlaubt", "größer als erlaubt"),
        (f"No access with {SECRET}", "No access with *****"),
        ("unknown token t0ken", "unknown token *****"),
        ("x" * 2000, "x" * 500 + "…"),
        ("x" * 490 + SECRET, "x" * 490 + "*****"),
        ("x" * 498 + SECRET, "x" * 498 + "**…"),
        (" " * 7000 + SECRET, ""),
    ],
)
def test_the_beginning_of_the_body_is_kept_without_secrets(
    monitor: Monitor, body: str | bytes, shown: str
) -> None:
    with RawServer(lambda _: response(body, "400 Bad Request")) as server:
        delivery = post_to(server, monitor)
    words = "The receiver responded with 400 Bad Request"
    assert delivery.response_text == (f"{words}: {shown}" if shown else words)
    assert (delivery.status, delivery.response_status) == (DeliveryStatus.REJECTED, 400)


def test_the_words_of_a_receiver_that_accepts_are_kept_too(monitor: Monitor) -> None:
    with RawServer(lambda _: response("queued as 17", "202 Accepted")) as server:
        delivery = post_to(server, monitor)
    assert (delivery.status, delivery.response_text) == (
        DeliveryStatus.ACCEPTED,
        "202 Accepted: queued as 17",
    )


def test_the_request_says_that_it_comes_from_postwatch_and_nothing_of_postman(monitor: Monitor) -> None:
    with RawServer() as server:
        post_to(server, monitor)
    assert server.last.field("User-Agent") == "Postwatch"
    names = {name.lower() for name, _ in server.last.fields}
    assert names.isdisjoint({"postman-token", "cache-control", "cookie"})


def test_a_webhook_goes_through_the_proxy(monitor: Monitor, settings: Settings) -> None:
    with RawServer(lambda _: response("taken")) as proxy:
        settings.PROXY_URL = proxy.url
        make_webhook(monitor, "http://hooks.example/t0ken")
        succeed(monitor)
        deliver_all()
    assert proxy.last.line == "POST http://hooks.example:80/t0ken HTTP/1.1"
    assert Delivery.objects.get().status == DeliveryStatus.ACCEPTED


def test_a_proxy_reaches_no_private_address(monitor: Monitor, settings: Settings) -> None:
    settings.EGRESS_ALLOW = []
    with RawServer() as proxy:
        settings.PROXY_URL = proxy.url
        make_webhook(monitor, "http://10.0.0.1/t0ken")
        succeed(monitor)
        deliver_all()
    assert not proxy.seen
    assert "private, local or reserved address" in Delivery.objects.get().response_text


def test_a_proxy_that_wants_credentials_loses_no_event(monitor: Monitor, settings: Settings) -> None:
    with RawServer(lambda _: response("", "407 Proxy Authentication Required")) as proxy:
        settings.PROXY_URL = proxy.url
        make_webhook(monitor, "http://hooks.example/t0ken")
        succeed(monitor)
        deliver_all()
    assert Delivery.objects.get().status == DeliveryStatus.PENDING
