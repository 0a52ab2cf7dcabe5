"""The bodies of PagerDuty's Events API v2, made from incidents and runs.

Limits and fields: https://developer.pagerduty.com/docs/send-alert-event. Nothing secret goes in: no headers,
no bodies, no query strings, no variable values.
"""

import json
import re
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from integrations.base import Change, Json
from integrations.models import Incident
from monitors.models import RequestResult, Result, Run

MAX_SUMMARY = 1024
MAX_MESSAGE = 500
MAX_HOST = 255
MAX_ADDRESS = 2000
MAX_FAILURES = 10
DOCUMENTATION = re.compile(r"https://documenter\.getpostman\.com/view/[\w./-]+")
MAX_BYTES = 512_000 - 100
"""Less room for the routing key, which is added while sending."""

SEVERITY_BY_RESULT = {Result.FAILURE: "error", Result.ERROR: "critical", Result.ABORT: "critical"}
CLASS_BY_RESULT = {
    Result.FAILURE: "assertion_failure",
    Result.ERROR: "request_error",
    Result.ABORT: "timeout",
}


def trigger(incident: Incident, run: Run) -> Json:
    failed = [result for result in run.counted_results if not result.passed]
    payload = {
        "summary": cut(_summary(run), MAX_SUMMARY),
        "source": _source(run, failed),
        "severity": incident.config.get("severity") or SEVERITY_BY_RESULT.get(Result(run.result), "error"),
        "timestamp": timestamp(run.finished_at or incident.opened_at),
        "component": run.monitor.collection.name,
        "group": run.workspace.name,
        "class": CLASS_BY_RESULT.get(Result(run.result), "assertion_failure"),
        "custom_details": _details(incident, run, failed),
    }
    page = address(run.get_absolute_url())
    links = [
        {"href": page, "text": f"Run #{run.pk}"},
        {"href": address(run.monitor.get_absolute_url()), "text": f"Monitor {run.monitor.name}"},
    ]
    if documentation := _documentation(run):
        links.append({"href": documentation, "text": f"Collection {run.monitor.collection.name}"})
    return fit(_event(incident, "trigger", payload, links, page))


def resolve(incident: Incident) -> Json:
    """PagerDuty's own examples carry no payload here."""
    return {"event_action": "resolve", "dedup_key": incident.dedup_key}


def test_trigger(incident: Incident) -> Json:
    payload = {
        "summary": cut(f"[TEST] Postwatch can reach this service: {incident.integration_name}", MAX_SUMMARY),
        "source": urlsplit(settings.SITE_URL).hostname or "postwatch",
        "severity": "info",
        "timestamp": timestamp(incident.opened_at),
        "custom_details": {"note": "Sent by hand from Postwatch. It resolves itself within a few seconds."},
    }
    assert incident.integration is not None
    page = address(incident.integration.get_absolute_url())
    return _event(
        incident, "trigger", payload, [{"href": page, "text": "The integration in Postwatch"}], page
    )


def change(change: Change) -> Json:
    """A change event: it notifies nobody, and stands beside the incidents that it may have caused."""
    return {
        "payload": {
            "summary": cut(f"[{change.workspace}] {change.summary}", MAX_SUMMARY),
            "source": urlsplit(settings.SITE_URL).hostname or "postwatch",
            "timestamp": timestamp(change.at),
            "custom_details": {"by": change.by, "workspace": change.workspace},
        },
        "links": [{"href": address(change.path), "text": "In Postwatch"}],
    }


def fit(event: Json) -> Json:
    """Cuts an event down to PagerDuty's limit of 512 KB, the details first; it is sent in any case."""
    details = event["payload"]["custom_details"]
    while size(event) > MAX_BYTES and details.get("failures"):
        details["failures"] = details["failures"][: len(details["failures"]) // 2]
        details["note"] = "Some failures were left out: the event was too large."
    if size(event) > MAX_BYTES:
        event["payload"]["custom_details"] = {"note": "The details were left out: the event was too large."}
    return event


def size(event: Json) -> int:
    return len(json.dumps(event).encode())


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def address(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _event(incident: Incident, action: str, payload: Json, links: list[Json], page: str) -> Json:
    return {
        "event_action": action,
        "dedup_key": incident.dedup_key,
        "payload": payload,
        "links": links,
        "client": "Postwatch",
        "client_url": page,
    }


def _summary(run: Run) -> str:
    tests = run.failed_tests + run.passed_tests
    counts = []
    if run.failed_tests:
        counts.append(f"{run.failed_tests} of {tests} {'test' if tests == 1 else 'tests'}")
    if run.error_count:
        counts.append(f"{run.error_count} {'error' if run.error_count == 1 else 'errors'}")
    what = ", ".join(counts) or "no request finished"
    first = f" First: {run.summary}" if run.summary else ""
    return f"[{run.workspace.name}] Monitor {run.monitor.name} failed: {what}.{first}"


def _source(run: Run, failed: list[RequestResult]) -> str:
    """The host that failed first, else the monitor's name; PagerDuty groups and searches by it."""
    for result in failed:
        host = _parts(result.url).hostname
        if host:
            return cut(host, MAX_HOST)
    return run.monitor.name


def _details(incident: Incident, run: Run, failed: list[RequestResult]) -> Json:
    failures = [failure for result in failed for failure in _failures_of(result)]
    left_out = len(failures) - MAX_FAILURES
    details: Json = {
        "monitor": run.monitor.name,
        "collection": run.monitor.collection.name,
        "environment": run.monitor.environment.name if run.monitor.environment else "none",
        "region": run.region,
        "run": str(run.pk),
        "failed_run_in_this_outage": incident.failed_runs,
        "result": run.result,
        "failed_tests": run.failed_tests,
        "passed_tests": run.passed_tests,
        "errors": run.error_count,
        "requests": run.request_count,
        "response_time_ms": run.response_time_ms,
        "duration_ms": run.duration_ms or 0,
        "failures": failures[:MAX_FAILURES],
    }
    if left_out > 0:
        details["note"] = f"And {left_out} more {'failure' if left_out == 1 else 'failures'}: see the run."
    return details


def _documentation(run: Run) -> str:
    """Where the collection says that it is documented, as exported collections do."""
    version = run.collection_version
    info = version.content.get("info", {}) if version and version.is_readable else {}
    published = DOCUMENTATION.search(str(info.get("description") or ""))
    address = published[0] if published else str(info.get("_collection_link") or "")
    return address if address.startswith("https://") and len(address) <= MAX_ADDRESS else ""


def _failures_of(result: RequestResult) -> list[Json]:
    request = {"request": cut(_request_line(result), MAX_MESSAGE)}
    if result.status_code:
        request["response"] = f"{result.status_code} {result.status_text}".strip()
    failures: list[Json] = []
    if result.error_message:
        failures.append(request | {"error": cut(result.error_message, MAX_MESSAGE)})
    for error in result.script_error_texts:
        failures.append(request | {"script_error": cut(error, MAX_MESSAGE)})
    for test in result.failed_assertions:
        message = cut(str(test.get("error") or ""), MAX_MESSAGE)
        failures.append(request | {"test": cut(str(test["name"]), MAX_MESSAGE), "message": message})
    return failures


def _request_line(result: RequestResult) -> str:
    """Without the query and the user's name, where secrets travel."""
    parts = _parts(result.url)
    return f"{result.name}: {result.method} {parts.hostname or ''}{parts.path}"


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url if "//" in url else f"//{url}")
    except ValueError:
        return urlsplit("")
