"""What a maintenance window will do, before it is saved: what it covers, and when it comes."""

from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from monitors import cron
from monitors.forms.maintenance import RECURRING, MaintenanceWindowForm
from monitors.models import Monitor
from monitors.models.maintenance import MAX_MINUTES, Scope
from workspaces.numbers import number_in

TIMES_SHOWN = 5


@dataclass(frozen=True)
class WindowPreview:
    """What the form says so far, whether it is complete or not."""

    covered: int
    """The number of monitors that it is for now."""
    is_recurring: bool
    times: list[tuple[datetime, datetime]] = field(default_factory=list)
    """The next starts and ends of a recurring window, in its own zone."""
    problem: str = ""

    @classmethod
    def of(cls, form: MaintenanceWindowForm) -> "WindowPreview":
        covered, is_recurring = _covered(form), form["kind"].value() == RECURRING
        expression = str(form["cron"].value() or "")
        if not is_recurring or not expression:
            return cls(covered, is_recurring)
        minutes = number_in(str(form["duration_minutes"].value() or "")) or 0
        try:
            times = _times(expression, str(form["timezone"].value() or ""), minutes)
        except ValueError as problem:
            return cls(covered, is_recurring, problem=str(problem))
        return cls(covered, is_recurring, times)


def _times(expression: str, zone: str, minutes: int) -> list[tuple[datetime, datetime]]:
    starts = cron.next_times(expression, zone, timezone.now(), TIMES_SHOWN)
    span = min(minutes, MAX_MINUTES) * cron.MINUTE
    local = cron.time_zone(zone)
    return [(start.astimezone(local), (start + span).astimezone(local)) for start in starts]


def _covered(form: MaintenanceWindowForm) -> int:
    monitors = Monitor.objects.for_workspace(form.workspace)
    match form["scope"].value():
        case Scope.TAG:
            return monitors.tagged(str(form["tag"].value() or "").lower()).count()
        case Scope.MONITORS:
            chosen = [getattr(one, "pk", one) for one in form["monitors"].value() or []]
            try:
                return len(form.fields["monitors"].clean(chosen))
            except ValidationError:
                return 0
        case _:
            return monitors.count()
