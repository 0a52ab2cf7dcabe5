"""What is counted of the runs of an hour or a day: in all, by parts of it, and by request."""

from dataclasses import dataclass, field
from hashlib import blake2b

from monitors.figures.histograms import Histogram
from monitors.figures.varints import Reader, write_number

GOOD = "successful"
BAD = ("failure", "error", "abort")
"""The results that the target caused."""
RESULTS = (GOOD, *BAD, "system_error")
"""The results that are counted. A run that somebody canceled says nothing, not even of Postwatch."""
MAX_REQUESTS = 100
"""How many different requests a tally counts. What else a collection has is counted with its runs only."""
KEY_BYTES = 4


def request_key(folder: str, name: str) -> int:
    """By what a request is found again. Its id may be a new one in each run: not every collection has ids."""
    digest = blake2b(f"{folder}\n{name}".encode(errors="replace"), digest_size=KEY_BYTES)
    return int.from_bytes(digest.digest(), "big")


@dataclass
class Figures:
    """Runs by result, and the response times of the good ones."""

    results: dict[str, int] = field(default_factory=dict)
    response_time_sum: int = 0
    histogram: Histogram = field(default_factory=Histogram)

    @property
    def runs(self) -> int:
        return sum(self.results.values())

    @property
    def failures(self) -> int:
        """The runs with a result that the target caused."""
        return sum(self.results.get(result, 0) for result in BAD)

    def add(self, result: str, response_time_ms: int | None) -> None:
        """Counts a run. Only a good one has a response time that says something."""
        self.results[result] = self.results.get(result, 0) + 1
        if result == GOOD and response_time_ms is not None:
            self.response_time_sum += response_time_ms
            self.histogram.add(response_time_ms)

    def merge(self, other: "Figures") -> None:
        for result, count in other.results.items():
            self.results[result] = self.results.get(result, 0) + count
        self.response_time_sum += other.response_time_sum
        self.histogram.merge(other.histogram)

    def write(self, out: bytearray) -> None:
        for result in RESULTS:
            write_number(self.results.get(result, 0), out)
        write_number(self.response_time_sum, out)
        self.histogram.write(out)

    @classmethod
    def read(cls, reader: Reader) -> "Figures":
        counts = {result: reader.number() for result in RESULTS}
        results = {result: count for result, count in counts.items() if count}
        return cls(results, reader.number(), Histogram.read(reader))


@dataclass
class RequestFigures:
    """How often one request of a collection was sent, and the response times that it had when it passed."""

    sent: int = 0
    failed: int = 0
    response_time_sum: int = 0
    histogram: Histogram = field(default_factory=Histogram)

    def add(self, passed: bool, response_time_ms: int | None) -> None:
        self.sent += 1
        self.failed += not passed
        if passed and response_time_ms is not None:
            self.response_time_sum += response_time_ms
            self.histogram.add(response_time_ms)

    def merge(self, other: "RequestFigures") -> None:
        self.sent += other.sent
        self.failed += other.failed
        self.response_time_sum += other.response_time_sum
        self.histogram.merge(other.histogram)

    def write(self, out: bytearray) -> None:
        for number in (self.sent, self.failed, self.response_time_sum):
            write_number(number, out)
        self.histogram.write(out)

    @classmethod
    def read(cls, reader: Reader) -> "RequestFigures":
        return cls(reader.number(), reader.number(), reader.number(), Histogram.read(reader))


@dataclass
class Tally:
    """Everything that is counted of some runs of a monitor in one region."""

    figures: Figures = field(default_factory=Figures)
    slots: dict[int, Figures] = field(default_factory=dict)
    """The same by equal parts of the time, the first of which is 0."""
    requests: dict[int, RequestFigures] = field(default_factory=dict)
    """By `request_key`."""
    first_run_id: int = 0
    last_run_id: int = 0

    def add_run(self, run_id: int, slot: int, result: str, response_time_ms: int | None) -> None:
        self.figures.add(result, response_time_ms)
        self.slots.setdefault(slot, Figures()).add(result, response_time_ms)
        self._include_runs(run_id, run_id)

    def add_request(self, key: int, passed: bool, response_time_ms: int | None) -> None:
        """Counts one request of a run that was added."""
        if found := self._request(key):
            found.add(passed, response_time_ms)

    def add_part(self, slot: int, part: "Tally") -> None:
        """Adds a tally of a shorter time as one part of this one."""
        self.figures.merge(part.figures)
        self.slots.setdefault(slot, Figures()).merge(part.figures)
        for key, figures in part.requests.items():
            if found := self._request(key):
                found.merge(figures)
        self._include_runs(part.first_run_id, part.last_run_id)

    def _request(self, key: int) -> RequestFigures | None:
        if key not in self.requests and len(self.requests) < MAX_REQUESTS:
            self.requests[key] = RequestFigures()
        return self.requests.get(key)

    def _include_runs(self, first: int, last: int) -> None:
        self.first_run_id = min(self.first_run_id or first, first)
        self.last_run_id = max(self.last_run_id, last)


def columns_of(tally: Tally) -> dict[str, int | bytes]:
    """A tally as the columns of a row (`RollUp`)."""
    histogram = bytearray()
    tally.figures.histogram.write(histogram)
    return {
        **{result: tally.figures.results.get(result, 0) for result in RESULTS},
        "response_time_sum": tally.figures.response_time_sum,
        "first_run_id": tally.first_run_id,
        "last_run_id": tally.last_run_id,
        "histogram": bytes(histogram),
        "slots": write_slots(tally.slots),
        "requests": write_requests(tally.requests),
    }


def write_slots(slots: dict[int, Figures]) -> bytes:
    out = bytearray()
    for slot in sorted(slots):
        out.append(slot)
        slots[slot].write(out)
    return bytes(out)


def read_slots(content: bytes | memoryview) -> dict[int, Figures]:
    reader = Reader(content)
    slots = {}
    while reader.has_more:
        slot = reader.byte()
        slots[slot] = Figures.read(reader)
    return slots


def write_requests(requests: dict[int, RequestFigures]) -> bytes:
    out = bytearray()
    for key, figures in requests.items():
        out += key.to_bytes(KEY_BYTES, "big")
        figures.write(out)
    return bytes(out)


def read_requests(content: bytes | memoryview) -> dict[int, RequestFigures]:
    reader = Reader(content)
    requests = {}
    while reader.has_more:
        key = reader.fixed(KEY_BYTES)
        requests[key] = RequestFigures.read(reader)
    return requests
