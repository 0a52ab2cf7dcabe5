"""What happened in an outage, moment by moment."""

from dataclasses import dataclass
from datetime import datetime

from monitors.models import Outage
from monitors.models.outages import EndedBecause

ENDED = {EndedBecause.RECOVERED: "up", EndedBecause.BY_HAND: "up", EndedBecause.MONITOR_PAUSED: "paused"}
"""What an ended outage looks like, by its reason: a key of `states.BADGES`. Others look idle."""


@dataclass(frozen=True)
class Moment:
    """One line of an outage's timeline."""

    at: datetime
    what: str
    state: str = ""
    """A key of `states.BADGES`; empty for what is no event of the monitor."""
    text: str = ""
    """What a person wrote."""


def moments_of(outage: Outage) -> list[Moment]:
    """How the outage began and ended, and what people did about it."""
    regions = f" in {outage.regions[0]}" if outage.regions else ""
    moments = [Moment(outage.started_at, f"The first run failed{regions}", "failing")]
    if outage.acknowledged_at:
        moments.append(Moment(outage.acknowledged_at, f"{outage.acknowledged_by} acknowledged it"))
    moments += [Moment(note.at, f"{note.by} noted", text=note.text) for note in outage.notes.all()]
    if outage.ended_at:
        moments.append(Moment(outage.ended_at, end_in_words(outage), end_state(outage)))
    return moments


def end_in_words(outage: Outage) -> str:
    """Why it ended, as a sentence without its period."""
    if outage.ended_by:
        return f"{outage.ended_by} resolved it"
    return outage.get_ended_because_display()


def end_state(outage: Outage) -> str:
    """What it looks like after its end: a key of `states.BADGES`."""
    return ENDED.get(EndedBecause(outage.ended_because), "waiting")
