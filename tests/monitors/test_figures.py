"""Histograms and tallies: exact counts, percentiles within five per cent, few bytes."""

import random
from math import ceil

import pytest

from monitors.figures import Figures, Histogram, Tally, columns_of, request_key
from monitors.figures.histograms import MAX_MS
from monitors.figures.tallies import MAX_REQUESTS, read_requests, read_slots
from monitors.figures.varints import Reader, write_number


def exact_percentile(times: list[int], percent: float) -> int:
    return sorted(times)[ceil(len(times) * percent / 100) - 1]


def histogram_of(times: list[int]) -> Histogram:
    histogram = Histogram()
    for time in times:
        histogram.add(time)
    return histogram


@pytest.mark.parametrize("seed", range(20))
def test_a_percentile_is_within_five_per_cent(seed: int) -> None:
    chance = random.Random(seed)
    center, spread = chance.choice([1, 8, 90, 1200, 70_000]), chance.uniform(0.05, 1.5)
    times = [min(MAX_MS, round(center * chance.lognormvariate(0, spread))) for _ in range(500)]
    for percent in (1, 50, 75, 95, 99, 100):
        exact = exact_percentile(times, percent)
        told = histogram_of(times).percentile(percent)
        assert told is not None
        assert abs(told - exact) <= 0.05 * exact


def test_every_time_is_told_within_five_per_cent() -> None:
    for time in [*range(2000), *range(2000, MAX_MS, 173), MAX_MS]:
        told = histogram_of([time]).percentile(50)
        assert told is not None
        assert abs(told - time) <= 0.05 * time


def test_without_a_time_there_is_no_percentile() -> None:
    assert Histogram().percentile(50) is None


def test_histograms_of_parts_add_up_to_that_of_the_whole() -> None:
    first, second = [3, 250, 250, 90_000], [0, 251, 17]
    merged = histogram_of(first)
    merged.merge(histogram_of(second))
    assert merged == histogram_of(first + second)
    assert merged.total == 7


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 16_383, 16_384, 2**40])
def test_a_number_is_read_as_it_was_written(number: int) -> None:
    out = bytearray()
    write_number(number, out)
    write_number(7, out)
    reader = Reader(bytes(out))
    assert (reader.number(), reader.number(), reader.has_more) == (number, 7, False)


def an_hour(requests: int = 5) -> Tally:
    """Of a run each minute."""
    chance = random.Random(1)
    tally = Tally()
    for minute in range(60):
        tally.add_run(1000 + minute, minute // 10, "successful", round(chance.gauss(300, 30)))
        for number in range(requests):
            tally.add_request(request_key("Orders", f"Request {number}"), True, round(chance.gauss(300, 60)))
    tally.add_run(1060, 5, "failure", 5000)
    return tally


def test_a_tally_is_read_as_it_was_stored() -> None:
    tally = an_hour()
    columns = columns_of(tally)
    slots, requests = columns["slots"], columns["requests"]
    assert isinstance(slots, bytes)
    assert isinstance(requests, bytes)
    assert read_slots(slots) == tally.slots
    assert read_requests(requests) == tally.requests
    assert (columns["successful"], columns["failure"]) == (60, 1)
    assert (columns["first_run_id"], columns["last_run_id"]) == (1000, 1060)


def test_an_hour_of_five_requests_takes_few_bytes() -> None:
    contents = [value for value in columns_of(an_hour()).values() if isinstance(value, bytes)]
    assert sum(map(len, contents)) < 400


def test_the_time_of_a_failed_run_is_no_response_time() -> None:
    figures = Figures()
    figures.add("successful", 100)
    figures.add("failure", 9000)
    figures.add("system_error", None)
    assert (figures.runs, figures.failures) == (3, 1)
    assert (figures.histogram.percentile(95), figures.response_time_sum) == (98, 100)


def test_a_huge_collection_is_counted_up_to_a_limit() -> None:
    assert len(an_hour(requests=MAX_REQUESTS + 50).requests) == MAX_REQUESTS


def test_a_part_of_a_day_adds_its_figures_its_requests_and_its_runs() -> None:
    day, hour = Tally(), an_hour()
    day.add_part(3, hour)
    day.add_part(4, hour)
    assert day.figures.runs == 122
    assert day.slots[3] == day.slots[4] == hour.figures
    assert {figures.sent for figures in day.requests.values()} == {120}
    assert (day.first_run_id, day.last_run_id) == (1000, 1060)
