"""What a monitor will do, before it is saved: its name, its next runs, and the variables without a value."""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from monitors import cron
from monitors.forms.monitors import MonitorForm, suggested_name
from monitors.models import Collection, Environment
from monitors.models.schedules import SECONDS
from monitors.schedules import DayLine
from monitors.undefined import undefined_variables
from workspaces.fields import SecretUnreadable
from workspaces.numbers import number_in

TIMES_SHOWN = 4
VARIABLES_SHOWN = 20


@dataclass(frozen=True)
class SchedulePreview:
    """The next runs, in the schedule's own zone, or what is wrong with it."""

    times: list[datetime] = field(default_factory=list)
    day: DayLine | None = None
    problem: str = ""

    @classmethod
    def of(cls, expression: str, zone: str, second: int) -> "SchedulePreview":
        now = timezone.now()
        try:
            times = cron.next_times(expression, zone, now, TIMES_SHOWN, second)
            local = [moment.astimezone(cron.time_zone(zone)) for moment in times]
            return cls(local, DayLine.of(expression, zone, now, second))
        except ValueError as problem:
            return cls(problem=str(problem))


@dataclass(frozen=True)
class MonitorPreview:
    """What the form says so far, whether it is complete or not."""

    name: str
    """The name that it gets if none is typed; empty before a collection is chosen."""
    schedule: SchedulePreview
    environment: Environment | None
    undefined: list[str]
    more_undefined: int

    @classmethod
    def of(cls, form: MonitorForm) -> "MonitorPreview":
        collection, environment = _chosen(form, "collection"), _chosen(form, "environment")
        names = ("schedule", "day", "cron", "timezone", "second")
        typed = {name: str(form[name].value() or "") for name in names}
        expression = MonitorForm.expression(typed | {"at": _time(form["at"].value())})
        second = min(number_in(typed["second"]) or 0, SECONDS - 1)
        undefined = _undefined(collection, environment)
        return cls(
            name=suggested_name(collection, environment) if collection else "",
            schedule=SchedulePreview.of(expression, typed["timezone"], second),
            environment=environment,
            undefined=undefined[:VARIABLES_SHOWN],
            more_undefined=max(0, len(undefined) - VARIABLES_SHOWN),
        )


def _chosen(form: MonitorForm, name: str) -> Any:
    """The object that is chosen; None for none, and for one that cannot be chosen."""
    value = form[name].value()
    try:
        return form.fields[name].clean(getattr(value, "pk", value))
    except ValidationError:
        return None


def _time(value: object) -> time | None:
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        return None


def _undefined(collection: Collection | None, environment: Environment | None) -> list[str]:
    if collection is None:
        return []
    try:
        return undefined_variables(collection, environment)
    except SecretUnreadable:
        # A run says so, too, and what is missing then is the key of the operator.
        return []
