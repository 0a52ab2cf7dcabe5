"""Runs as files that other tools read: JUnit's XML, and the JSON of Newman's reporter."""

import re
from xml.etree import ElementTree

from monitors.models import Run
from monitors.request_results import RequestResult, TestResult
from workspaces.json_values import JsonObject, JsonValue

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(run: Run) -> bytes:
    """A test suite for each request, with its tests. An error of the request or its scripts is a test too."""
    root = ElementTree.Element("testsuites", name=_xml(f"{run.monitor} run {run.number}"))
    root.set("tests", str(run.test_count))
    root.set("failures", str(run.failed_tests))
    root.set("errors", str(run.error_count))
    root.set("time", f"{(run.duration_ms or 0) / 1000:.3f}")
    for request in run.detail.requests:
        if request.counts or not request.is_sent:
            root.append(_suite(request))
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _suite(request: RequestResult) -> ElementTree.Element:
    errors = [*filter(None, [request.error_message]), *request.script_error_texts]
    suite = ElementTree.Element(
        "testsuite", name=_xml(" / ".join(filter(None, [request.folder, request.name])))
    )
    suite.set("tests", str(len(request.assertions) + len(errors)))
    suite.set("failures", str(len(request.failed_assertions)))
    suite.set("errors", str(len(errors)))
    suite.set("skipped", str(sum(test.skipped for test in request.assertions)))
    suite.set("time", f"{request.elapsed_ms / 1000:.3f}")
    for error in errors:
        case = _case(suite, request, request.name)
        ElementTree.SubElement(case, "error", message=_xml(error))
    for test in request.assertions:
        case = _case(suite, request, test.name)
        if test.skipped:
            ElementTree.SubElement(case, "skipped")
        elif not test.passed:
            ElementTree.SubElement(case, "failure", message=_xml(test.error))
    if not request.is_sent:
        case = _case(suite, request, request.name)
        ElementTree.SubElement(case, "skipped", message="The request was not sent.")
    return suite


def _case(suite: ElementTree.Element, request: RequestResult, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", name=_xml(name), classname=_xml(request.name))


def _xml(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def newman_json(run: Run) -> JsonObject:
    """The shape of Newman's JSON reporter, as far as a run keeps what that reports: no bodies, no headers."""
    requests = run.detail.counted
    failures = [failure for request in requests for failure in _failures(request)]
    responses = [request for request in requests if request.response_time_ms is not None]
    times = [request.response_time_ms or 0 for request in responses]
    return {
        "collection": {"info": {"name": run.monitor.collection.name}},
        "run": {
            "stats": {
                "iterations": {"total": 1, "pending": 0, "failed": 0},
                "requests": {"total": run.request_count, "pending": 0, "failed": _count_errors(requests)},
                "assertions": {"total": run.test_count, "pending": 0, "failed": run.failed_tests},
            },
            "timings": {
                "started": round(run.started_at.timestamp() * 1000) if run.started_at else None,
                "completed": round(run.finished_at.timestamp() * 1000) if run.finished_at else None,
                "responseAverage": round(sum(times) / len(times)) if times else 0,
                "responseMin": min(times, default=0),
                "responseMax": max(times, default=0),
            },
            "executions": [_execution(request) for request in requests],
            "transfers": {"responseTotal": sum(request.response_size or 0 for request in requests)},
            "failures": failures,
        },
    }


def _count_errors(requests: list[RequestResult]) -> int:
    return sum(bool(request.error_message) for request in requests)


def _execution(request: RequestResult) -> JsonObject:
    execution: JsonObject = {
        "item": {"name": request.name},
        "request": {"method": request.method, "url": request.url},
        "assertions": [_assertion(test) for test in request.assertions],
    }
    if request.status_code is not None:
        execution["response"] = {
            "code": request.status_code,
            "status": request.status_text,
            "responseTime": request.response_time_ms,
            "responseSize": request.response_size,
        }
    if request.error_message:
        execution["requestError"] = {"code": request.error_code, "message": request.error_message}
    return execution


def _assertion(test: TestResult) -> JsonObject:
    assertion: JsonObject = {"assertion": test.name, "skipped": test.skipped}
    if test.failed:
        assertion["error"] = _error("AssertionError", test.name, test.error)
    return assertion


def _failures(request: RequestResult) -> list[JsonValue]:
    """Each with its source, the request that it belongs to."""
    errors = [_error("AssertionError", test.name, test.error) for test in request.failed_assertions]
    errors = [_error(error.name, error.listen, error.message) for error in request.script_errors] + errors
    if request.error_message:
        errors.insert(0, _error("Error", "", request.error_message))
    return [{"error": error, "source": {"name": request.name}} for error in errors]


def _error(name: str, test: str, message: str) -> JsonObject:
    return {"name": name, "test": test, "message": message}
