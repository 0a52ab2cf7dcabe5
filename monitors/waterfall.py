"""Where the requests of a run stand on its clock, in per cent of one scale."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitors.request_results import SentRequestResult

STEPS = 4
"""Parts of the scale, each a round number of milliseconds."""


@dataclass(frozen=True)
class Bar:
    """One request: first its connection is opened, then it is sent and answered."""

    start: str
    opening: str
    go_start: str
    go: str


@dataclass(frozen=True)
class Scale:
    """The scale that all requests of a run share."""

    milliseconds: int

    @classmethod
    def of(cls, requests: Iterable[SentRequestResult]) -> "Scale":
        """Long enough for all requests."""
        end = max((request.start_ms + request.elapsed_ms for request in requests), default=0)
        return cls(STEPS * _round_up(max(1, -(-end // STEPS))))

    @property
    def middle(self) -> int:
        return self.milliseconds // 2

    def percent(self, milliseconds: int) -> str:
        return f"{100 * milliseconds / self.milliseconds:.2f}%"

    def bar(self, request: SentRequestResult) -> Bar:
        phases = request.phases
        opening = (
            min(sum(filter(None, (phases.dns, phases.connect, phases.tls))), request.elapsed_ms)
            if phases
            else 0
        )
        return Bar(
            self.percent(request.start_ms),
            self.percent(opening),
            self.percent(request.start_ms + opening),
            # A request that took no time is still to be seen.
            self.percent(max(request.elapsed_ms - opening, self.milliseconds // 200)),
        )


def _round_up(milliseconds: int) -> int:
    """The next of 1, 2, 5, 10, 20, 25, 50, 100, 200, 250 …"""
    power = 1
    while milliseconds > 10 * power:
        power *= 10
    factors = (1, 2, 2.5, 5, 10) if power > 1 else (1, 2, 5, 10)
    return next(int(factor * power) for factor in factors if milliseconds <= factor * power)


@dataclass(frozen=True)
class Phase:
    """A phase of one request as a row with its part of the request's time."""

    name: str
    milliseconds: int
    start: str
    width: str
    other: int | None = None
    """Milliseconds in the run that it is compared with."""


NAMES = {
    "dns": "Name lookup",
    "connect": "Connect",
    "tls": "TLS",
    "send": "Send",
    "wait": "First byte",
    "download": "Download",
}


def phases_of(request: SentRequestResult, other: SentRequestResult | None = None) -> list[Phase]:
    """The phases of a request, on a scale of its own."""
    if request.phases is None:
        return []
    times = {name: getattr(request.phases, name) for name in NAMES}
    total = max(1, sum(filter(None, times.values())))
    rows, at = [], 0
    for name, milliseconds in times.items():
        if milliseconds is None:
            continue
        before = getattr(other.phases, name) if other and other.phases else None
        start, width = f"{100 * at / total:.2f}%", f"{100 * milliseconds / total:.2f}%"
        rows.append(Phase(NAMES[name], milliseconds, start, width, before))
        at += milliseconds
    return rows
