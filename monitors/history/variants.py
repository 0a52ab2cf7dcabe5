"""What made-up runs find: for each collection some dozens of results, whose details are made once."""

import random
from dataclasses import dataclass
from typing import Any

from monitors import run_documents
from monitors.models import Result
from monitors.request_results import ConsoleLine, RequestResult, RunDocument, TestResult
from monitors.rollups import CountedRequest
from monitors.runner.report import Phases

NAMES = (
    "Sign in", "List products", "Search products", "Open product", "Read reviews", "Add to cart",
    "Change quantity", "Apply voucher", "Quote shipping", "Choose address", "Place order", "Read order",
    "Pay by card", "Confirm payment", "Send invoice", "Track parcel", "Return item", "Refund payment",
    "Delete cart", "Sign out",
)  # fmt: skip
METHODS = {
    "Add": "POST",
    "Apply": "POST",
    "Place": "POST",
    "Pay": "POST",
    "Change": "PUT",
    "Delete": "DELETE",
}
HOST = "https://shop.example"

STEPS = 48
"""Good results of a collection. Each takes a tenth longer than the one before."""
FASTEST_MS = 40


@dataclass(frozen=True)
class Variant:
    """One result: the columns of a run, its stored detail, and what roll-ups count of its requests."""

    result: str
    summary: str
    document: bytes
    requests: tuple[CountedRequest, ...]
    request_count: int
    passed_tests: int
    failed_tests: int
    error_count: int
    response_time_ms: int
    duration_ms: int


@dataclass(frozen=True)
class Variants:
    """The results of one collection."""

    good: list[Variant]
    bad: list[Variant]

    @classmethod
    def of(cls, requests: int, chance: random.Random) -> "Variants":
        """Of a collection with so many requests."""
        names = NAMES[:requests]
        good = [_variant(names, FASTEST_MS * 1.1**step, chance) for step in range(STEPS)]
        bad = [
            _variant(names, 300, chance, failing=place, how=how)
            for place in {0, requests // 2, requests - 1}
            for how in ("failure", "error", "abort")
        ]
        return cls(good, bad)


def collection_content(name: str, requests: int) -> dict[str, Any]:
    """The collection of which the results are, as Postman exports it."""
    return {
        "info": {
            "name": name,
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "item": [
            {
                "name": each,
                "request": {"method": _method(each), "url": _url(each)},
                "event": [
                    {
                        "listen": "test",
                        "script": {
                            "exec": [
                                "pm.test('Status code is 200', () => pm.response.to.have.status(200))",
                                "pm.test('Response time is less than 500ms', () => "
                                "pm.expect(pm.response.responseTime).to.be.below(500))",
                            ]
                        },
                    }
                ],
            }
            for each in NAMES[:requests]
        ],
    }


def _variant(
    names: tuple[str, ...], mean_ms: float, chance: random.Random, failing: int = -1, how: str = "successful"
) -> Variant:
    rows: list[RequestResult] = []
    start = 0
    for place, name in enumerate(names):
        took = max(1, round(mean_ms * chance.uniform(0.6, 1.4)))
        row = _request(place, name, start, took)
        if place == failing:
            _break(row, how)
        rows.append(row)
        start += row.elapsed_ms + 2
        if place == failing and how != "failure":
            break
    first = next((row for row in rows if not row.passed), None)
    times = [row.response_time_ms for row in rows if row.response_time_ms is not None]
    tests = [test for row in rows for test in row.assertions]
    return Variant(
        result=how,
        summary=_summary(first) if first else "",
        document=run_documents.encode(RunDocument(rows, _console(rows, how, start))),
        requests=tuple(
            CountedRequest(row.folder, row.name, row.passed, row.response_time_ms) for row in rows
        ),
        request_count=len(rows),
        passed_tests=sum(test.passed for test in tests),
        failed_tests=sum(test.failed for test in tests),
        error_count=sum(bool(row.error_message) for row in rows),
        response_time_ms=round(sum(times) / len(times)) if times else 0,
        duration_ms=start,
    )


def _request(place: int, name: str, start: int, took: int) -> RequestResult:
    return RequestResult(
        name=name,
        method=_method(name),
        url=_url(name),
        status_code=200,
        status_text="OK",
        response_time_ms=took,
        response_size=1200 + 37 * place,
        start_ms=start,
        elapsed_ms=took,
        phases=Phases(4, 11, 19, 0, took, 1) if place == 0 else Phases(None, None, None, 0, took, 1),
        position=place,
        assertions=[TestResult("Status code is 200"), TestResult("Response time is less than 500ms")],
    )


def _break(row: RequestResult, how: str) -> None:
    if how == Result.FAILURE:
        row.status_code, row.status_text = 500, "Internal Server Error"
        error = "AssertionError: expected response to have status code 200 but got 500"
        row.assertions[0] = TestResult("Status code is 200", False, error=error)
        return
    row.status_code, row.status_text, row.response_time_ms, row.response_size = None, "", None, None
    row.assertions, row.phases = [], None
    if how == Result.ERROR:
        row.error_code, row.error_message = "ECONNREFUSED", "connect ECONNREFUSED 192.0.2.7:443"
    else:
        row.elapsed_ms = 300_000
        row.error_code, row.error_message = "ESOCKETTIMEDOUT", "The run took more than five minutes."


def _summary(row: RequestResult) -> str:
    if row.error_message:
        return f"{row.name}: {row.error_message}"
    test = row.failed_assertions[0]
    return f"{row.name}: {test.name}: {test.error}"


def _console(rows: list[RequestResult], how: str, end: int) -> list[ConsoleLine]:
    level = "stage" if how == Result.SUCCESSFUL else "failed"
    return [
        ConsoleLine(0, "stage", "Preparing run"),
        *(
            ConsoleLine(row.start_ms + row.elapsed_ms, "log", f"{row.name} answered", row.position)
            for row in rows
        ),
        ConsoleLine(end, level, f"Result: {how}"),
    ]


def _method(name: str) -> str:
    return METHODS.get(name.split()[0], "GET")


def _url(name: str) -> str:
    return f"{HOST}/api/v1/{name.lower().replace(' ', '-')}"
