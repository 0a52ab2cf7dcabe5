"""Posts the results of runs to any URL, signed, in the format of Postman's custom webhooks."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from integrations.base import DeliveryError, EventBody, JsonObject, ProviderResponse, RunProvider
from integrations.http import retry_after
from integrations.models import Delivery, Integration
from integrations.webhook import responses
from integrations.webhook.forms import CHANGES, WebhookForm
from monitors import outgoing
from monitors.models import Monitor, Result, Run
from monitors.runner.http import Headers, IncomingResponse, OutgoingRequest, RequestFailed
from monitors.runner.url import Url

TIMEOUT_SECONDS = 15
"""For the whole exchange: a receiver that responds byte by byte must not occupy a worker."""

MAX_RESPONSE_BYTES = 16_000
"""More than is stored of a response, so that no secret in it is truncated before it is masked."""

RETRIED_STATUSES = {407, 408, 425, 429}
"""Besides 5xx. A 407 comes from a proxy, so it says nothing about the receiver."""

FAILURES_UNTIL_NOTIFIED = 3
"""Postman's number, for receivers that want only changes."""

NO_METRICS = dict.fromkeys(
    ("errors", "failedTests", "passedTests", "requestCount", "totalLatency", "warnings"), 0
)


class Webhook(RunProvider):
    slug = "webhook"
    name = "Webhook"
    tagline = "Posts the results of runs as JSON to your own URL."
    active_label = "Sending"
    credential_label = "URL"
    config_form = WebhookForm

    def describe(self, config: JsonObject) -> dict[str, str]:
        parts = urlsplit(config["url"])
        return {
            "Posts to": f"{parts.scheme}://{parts.hostname}/…",
            "Signing secret": f"…{config['secret'][-4:]}",
            "Notified of": "the third failure in a row, and recovery"
            if config["when"] == CHANGES
            else "every run",
        }

    def destinations(self, config: JsonObject) -> dict[str, str]:
        return {config["url"]: "this URL"}

    def run_event(
        self, integration: Integration, run: Run, failed_before: int, notified_before: int
    ) -> EventBody | None:
        if integration.config["when"] == CHANGES and not _is_a_change(run, failed_before, notified_before):
            return None
        return result_body(run)

    def test_event(self, integration: Integration) -> EventBody:
        monitor = integration.monitor
        body = _monitor_fields(monitor) if monitor else {}
        return body | {"metrics": NO_METRICS, "test": True, "sent_at": timezone.now().isoformat()}

    def send(self, config: JsonObject, delivery: Delivery) -> ProviderResponse:
        body = json.dumps(delivery.body).encode()
        url = Url.parse(config["url"]).encode()
        response = _post(OutgoingRequest("POST", url, _headers(config["secret"], delivery, body), body))
        text = responses.describe(response, config)
        if 200 <= response.status < 300:
            return ProviderResponse(response.status, text)
        is_temporary = response.status >= 500 or response.status in RETRIED_STATUSES
        raise DeliveryError(
            f"The receiver responded with {text}",
            status=response.status,
            permanent=not is_temporary,
            retry_after=retry_after(responses.retry_after_header(response)) if is_temporary else None,
        )


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The hexadecimal HMAC-SHA256 of the timestamp, a period and the body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def result_body(run: Run) -> dict[str, object]:
    """Postman's fields first (learning.postman.com, custom webhooks), then Postwatch's own."""
    return _monitor_fields(run.monitor) | {
        "metrics": {
            "errors": run.error_count,
            "failedTests": run.failed_tests,
            "passedTests": run.passed_tests,
            "requestCount": run.request_count,
            "totalLatency": sum(request.response_time_ms or 0 for request in run.counted_results),
            "warnings": 0,
        },
        "run_id": run.pk,
        "run_number": run.number,
        "run_url": settings.SITE_URL + run.get_absolute_url(),
        "result": run.result,
        "summary": run.summary,
        "region": run.region,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
    }


def _monitor_fields(monitor: Monitor) -> dict[str, object]:
    environment, user = monitor.environment, monitor.created_by
    return {
        "collection_name": monitor.collection.name,
        "collection_uid": str(monitor.collection_id),
        "environment_name": environment.name if environment else "",
        "environment_uid": str(environment.pk) if environment else "",
        "monitor_name": monitor.name,
        "monitor_uid": str(monitor.pk),
        "user_id": str(user.pk) if user else "",
        "user_name": str(user) if user else "",
    }


def _is_a_change(run: Run, failed_before: int, notified_before: int) -> bool:
    if run.result == Result.SUCCESSFUL:
        return notified_before > 0
    return failed_before + 1 >= FAILURES_UNTIL_NOTIFIED and not notified_before


def _headers(secret: str, delivery: Delivery, body: bytes) -> Headers:
    timestamp = str(int(time.time()))
    return Headers(
        [
            ("Content-Type", "application/json"),
            ("X-Postwatch-Delivery", str(delivery.pk)),
            ("X-Postwatch-Timestamp", timestamp),
            ("X-Postwatch-Signature", f"sha256={signature(secret, timestamp, body)}"),
        ]
    )


def _post(request: OutgoingRequest) -> IncomingResponse:
    try:
        return outgoing.send(request, seconds=TIMEOUT_SECONDS, max_response_bytes=MAX_RESPONSE_BYTES)
    except RequestFailed as error:
        raise DeliveryError(error.explanation, permanent=error.code == "")
