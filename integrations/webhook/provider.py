"""Posts the results of runs to any address, in the shape of Postman's custom webhooks, signed."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from integrations.base import Answer, DeliveryError, Json, RunProvider
from integrations.http import retry_after
from integrations.models import Delivery, Integration
from integrations.webhook import answers
from integrations.webhook.forms import CHANGES, WebhookForm
from monitors import outgoing
from monitors.models import Monitor, Result, Run
from monitors.runner.http import IncomingResponse, OutgoingRequest, RequestFailed
from monitors.runner.url import Url

SECONDS = 15
"""For everything: a receiver that answers drop by drop must not hold a worker."""

MAX_ANSWER_BYTES = 16_000
"""More than is kept of an answer, so that no secret in it is cut in two before it is masked."""

TEMPORARY = {407, 408, 425, 429}
"""407 is a proxy's: it says nothing about the receiver."""

FAILURES_TO_TELL = 3
"""Postman's, for those who want to hear of changes alone."""


class Webhook(RunProvider):
    slug = "webhook"
    name = "Webhook"
    tagline = "Posts the results of runs as JSON to an address of your own."
    works = "Sending"
    credential = "address"
    config_form = WebhookForm

    def summary(self, config: Json) -> dict[str, str]:
        parts = urlsplit(config["url"])
        return {
            "Posts to": f"{parts.scheme}://{parts.hostname}/…",
            "Signing secret": f"…{config['secret'][-4:]}",
            "Tells": "failures after the third, and recovery" if config["when"] == CHANGES else "every run",
        }

    def destinations(self, config: Json) -> dict[str, str]:
        return {config["url"]: "this address"}

    def run_event(
        self, integration: Integration, run: Run, failed_before: int, notified_before: int
    ) -> Json | None:
        if integration.config["when"] == CHANGES and not _is_a_change(run, failed_before, notified_before):
            return None
        return results_of(run)

    def test_event(self, integration: Integration) -> Json:
        monitor = integration.monitor
        body = _about(monitor) if monitor else {}
        metrics = dict.fromkeys(
            ("errors", "failedTests", "passedTests", "requestCount", "totalLatency", "warnings"), 0
        )
        return body | {"metrics": metrics, "test": True, "sent_at": timezone.now().isoformat()}

    def send(self, config: Json, delivery: Delivery) -> Answer:
        body = json.dumps(delivery.body).encode()
        address = Url.parse(config["url"]).encode()
        request = OutgoingRequest("POST", address, _headers(config["secret"], delivery, body), body)
        response = _post(request)
        words = answers.in_words(response, config)
        if 200 <= response.status < 300:
            return Answer(response.status, words)
        is_temporary = response.status >= 500 or response.status in TEMPORARY
        raise DeliveryError(
            f"The receiver answered {words}",
            status=response.status,
            permanent=not is_temporary,
            retry_after=retry_after(answers.retry_after_of(response)) if is_temporary else None,
        )


def _post(request: OutgoingRequest) -> IncomingResponse:
    try:
        return outgoing.send(request, seconds=SECONDS, max_response_bytes=MAX_ANSWER_BYTES)
    except RequestFailed as problem:
        raise DeliveryError(problem.explanation, permanent=problem.code == "")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 of the timestamp, a full stop and the body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def results_of(run: Run) -> Json:
    """Postman's fields first (learning.postman.com, custom webhooks), then what else is good to know."""
    return _about(run.monitor) | {
        "metrics": {
            "errors": run.error_count,
            "failedTests": run.failed_tests,
            "passedTests": run.passed_tests,
            "requestCount": run.request_count,
            "totalLatency": run.response_time_ms,
            "warnings": 0,
        },
        "run_id": run.pk,
        "run_url": f"{settings.SITE_URL}{run.get_absolute_url()}",
        "result": run.result,
        "summary": run.summary,
        "region": run.region,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
    }


def _about(monitor: Monitor) -> dict[str, Any]:
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
    return failed_before + 1 >= FAILURES_TO_TELL and not notified_before


def _headers(secret: str, delivery: Delivery, body: bytes) -> list[tuple[str, str]]:
    timestamp = str(int(time.time()))
    return [
        ("Content-Type", "application/json"),
        ("X-Postwatch-Delivery", str(delivery.pk)),
        ("X-Postwatch-Timestamp", timestamp),
        ("X-Postwatch-Signature", f"sha256={signature(secret, timestamp, body)}"),
    ]
