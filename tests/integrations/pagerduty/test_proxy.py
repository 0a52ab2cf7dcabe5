"""PagerDuty by way of the installation's proxy."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from integrations import http
from integrations.models import Delivery, DeliveryStatus, Integration
from monitors.models import Monitor
from tests.integrations.factories import deliver_all, fail, only_delivery
from tests.monitors.runner.http.certificates import make_certificate, server_context
from tests.monitors.runner.http.server import RawServer, response
from tests.monitors.runner.http.test_proxy import CREDENTIALS, TunnelProxy, with_credentials

pytestmark = pytest.mark.django_db

TAKEN = '{"status": "success", "message": "Event processed", "dedup_key": "k"}'


def test_events_go_through_the_proxy_with_its_credentials(
    integration: Integration, monitor: Monitor, settings: Settings
) -> None:
    settings.PAGERDUTY_US_EVENTS_URL = "http://events.pagerduty.example"
    with RawServer(lambda _: response(TAKEN, "202 Accepted")) as proxy:
        settings.PROXY_URL = with_credentials(proxy)
        fail(monitor)
        deliver_all()
    assert proxy.last.line == "POST http://events.pagerduty.example/v2/enqueue HTTP/1.1"
    assert proxy.last.field("Proxy-Authorization") == CREDENTIALS
    assert (only_delivery().status, only_delivery().response_text) == (
        DeliveryStatus.ACCEPTED,
        "Accepted by PagerDuty: Event processed",
    )


def test_https_goes_through_a_tunnel(
    integration: Integration,
    monitor: Monitor,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    ca = make_certificate("Our CA", ca=True)
    (tmp_path / "ca.pem").write_text(ca.pem)
    monkeypatch.setattr(http._session(), "verify", str(tmp_path / "ca.pem"))
    context = server_context(make_certificate("127.0.0.1", ca))
    answer = response(TAKEN, "202 Accepted")
    with RawServer(lambda _: answer, context=context) as server, TunnelProxy() as proxy:
        settings.PAGERDUTY_US_EVENTS_URL = server.url
        settings.PROXY_URL = with_credentials(proxy)
        fail(monitor)
        deliver_all()
        http._session().close()
    assert proxy.last.line.startswith(f"CONNECT 127.0.0.1:{server.port} ")
    assert proxy.last.field("Proxy-Authorization") == CREDENTIALS
    assert server.last.line == "POST /v2/enqueue HTTP/1.1"
    assert server.last.field("Proxy-Authorization") is None
    assert only_delivery().status == DeliveryStatus.ACCEPTED


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_in_trouble_loses_no_event(
    integration: Integration, monitor: Monitor, settings: Settings, scheme: str, status: str
) -> None:
    settings.PAGERDUTY_US_EVENTS_URL = f"{scheme}://events.pagerduty.example"
    with RawServer(lambda _: response("", status)) as proxy:
        settings.PROXY_URL = proxy.url
        fail(monitor)
        deliver_all()
    assert proxy.seen
    assert only_delivery().status == DeliveryStatus.PENDING


def test_a_proxy_that_is_not_there_loses_no_event(
    integration: Integration, monitor: Monitor, settings: Settings
) -> None:
    settings.PROXY_URL = "http://127.0.0.1:9"
    fail(monitor)
    deliver_all()
    assert (only_delivery().status, only_delivery().response_text) == (
        DeliveryStatus.PENDING,
        "The proxy did not forward the request.",
    )


def test_the_request_names_postwatch(integration: Integration, monitor: Monitor, settings: Settings) -> None:
    with RawServer(lambda _: response(TAKEN, "202 Accepted")) as server:
        settings.PAGERDUTY_US_EVENTS_URL = server.url
        fail(monitor)
        deliver_all()
    assert server.last.field("User-Agent") == "Postwatch"
    assert Delivery.objects.get().status == DeliveryStatus.ACCEPTED


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            "<h1>Blocked</h1> by the\nfirewall",
            "PagerDuty responded with 400 Bad Request: <h1>Blocked</h1> by the firewall",
        ),
        ('{"errors": [{"field": "payload"}]}', '{"field": "payload"}'),
        ('{"message": ["one", true]}', '["one", true]'),
        ("", "PagerDuty responded with 400 Bad Request"),
    ],
)
def test_what_it_says_is_kept_as_text_that_people_can_read(
    integration: Integration, monitor: Monitor, settings: Settings, body: str, shown: str
) -> None:
    with RawServer(lambda _: response(body, "400 Bad Request")) as server:
        settings.PAGERDUTY_US_EVENTS_URL = server.url
        fail(monitor)
        deliver_all()
    assert only_delivery().response_text == shown
