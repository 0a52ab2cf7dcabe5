"""What the address of a monitor's page asks for: a range, filters of its runs, a tab."""

from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time

from monitors.models import Monitor, Result
from monitors.models.rollups import RollUp
from monitors.models.runs import RunQuerySet, RunType
from monitors.stats.ranges import DEFAULT_NAME, LATEST, NAMED, TimeRange, named_range, range_between
from workspaces.numbers import number_in

AROUND = timedelta(hours=2)
"""What is shown before and after the time of day that somebody goes to."""
FAILED = "failed"
RESULTS = [(FAILED, "Failed"), *Result.choices]
MAX_TEXT = 200


class MonitorQuery:
    """Reads the query of the URL. What means nothing is ignored, since the link may be old."""

    def __init__(self, given: QueryDict, now: datetime) -> None:
        self._given, self._now = given, now

    @cached_property
    def range(self) -> TimeRange:
        """The range of the chart."""
        name = self._given.get("range", "")
        return self.chosen_span or named_range(name if name in NAMED else DEFAULT_NAME, self._now)

    @cached_property
    def chosen_span(self) -> TimeRange | None:
        """The span that somebody chose in the chart or went to; runs are listed of it alone."""
        times = self._day_times() or self._since_until()
        try:
            return range_between(*times, self._now) if times else None
        except ValueError:
            return None

    @cached_property
    def day(self) -> date | None:
        try:
            return parse_date(self._given.get("day", ""))
        except ValueError:
            return None

    @cached_property
    def around(self) -> time | None:
        """The time of day that somebody went to."""
        try:
            return parse_time(self._given.get("around", ""))
        except ValueError:
            return None

    def _day_times(self) -> tuple[datetime, datetime] | None:
        if self.day is None or not 2000 <= self.day.year < 2200:
            return None
        zone = timezone.get_current_timezone()
        if self.around is not None:
            middle = datetime.combine(self.day, self.around.replace(tzinfo=None), zone)
            return middle - AROUND, middle + AROUND
        return (
            datetime.combine(self.day, time.min, zone),
            datetime.combine(self.day + timedelta(days=1), time.min, zone),
        )

    def _since_until(self) -> tuple[datetime, datetime] | None:
        since, until = (self._time(name) for name in ("since", "until"))
        if until and until <= LATEST and len(self._given.get("until", "")) == len("2030-01-31"):
            until += timedelta(days=1)  # A day is meant with all of its hours.
        return (since, until or self._now) if since else None

    def _time(self, name: str) -> datetime | None:
        try:
            found = parse_datetime(self._given.get(name, ""))
        except ValueError:
            return None
        return timezone.make_aware(found) if found and timezone.is_naive(found) else found

    @property
    def result(self) -> str:
        return self._one_of("result", [value for value, _ in RESULTS])

    @property
    def type(self) -> str:
        return self._one_of("type", RunType.values)

    @property
    def region(self) -> str:
        return self._given.get("region", "")[:50]

    @property
    def request(self) -> str:
        """The name of the request that failed first."""
        return self._given.get("request", "")[:255]

    @property
    def drawn_request(self) -> int | None:
        """The key of the request that the chart is about."""
        return number_in(self._given.get("of", ""))

    @property
    def text(self) -> str:
        """A part of the sentence that says what failed."""
        return self._given.get("q", "").strip()[:MAX_TEXT]

    @property
    def folds(self) -> bool:
        return self._given.get("fold") != "no"

    @property
    def before(self) -> int | None:
        """The id under which a page of runs begins."""
        return number_in(self._given.get("before", ""))

    def _one_of(self, name: str, known: list[str]) -> str:
        value = self._given.get(name, "")
        return value if value in known else ""

    @property
    def kept_for_text(self) -> list[tuple[str, str]]:
        """The parameters that another text leaves as they are."""
        return [(name, self._given.get(name, "")) for name in self._given if name not in ("q", "before")]

    @property
    def searches(self) -> bool:
        """Whether runs are filtered without an index."""
        return bool(self.type or self.region or self.request or self.text or self.result not in ("", FAILED))

    @property
    def is_filtered(self) -> bool:
        return bool(self.result or self.type or self.region or self.request or self.text)

    def listed(self, runs: RunQuerySet, monitor: Monitor) -> RunQuerySet:
        """The runs that an index finds: of the time that is shown, and failed ones."""
        if self.before is not None:
            runs = runs.filter(pk__lt=self.before)
        if self.chosen_span:
            runs = runs.filter(runs_between(monitor, self.chosen_span))
        return runs.failed() if self.result == FAILED else runs

    def filter(self, runs: RunQuerySet) -> RunQuerySet:
        """Those of the runs that the other filters leave, which have no index."""
        if self.result and self.result != FAILED:
            runs = runs.filter(result=self.result)
        if self.type:
            runs = runs.filter(type=self.type)
        if self.region:
            runs = runs.filter(region=self.region)
        if self.request:
            runs = runs.filter(summary__startswith=f"{self.request}: ")
        if self.text:
            runs = runs.filter(summary__icontains=self.text)
        return runs


def runs_between(monitor: Monitor, chosen: TimeRange) -> Q:
    """The runs of a monitor that ended in a span, found by their ids: there is no index on times."""
    first, last = RollUp.objects.run_ids(monitor, chosen.since, chosen.until)
    return Q(pk__gte=first, pk__lte=last, finished_at__gte=chosen.since, finished_at__lt=chosen.until)
