"""Schedules compared with a plain reading of cron's rule, minute by minute, around changes of the clock."""

import random
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise

import pytest

from monitors import cron

MINUTE = timedelta(minutes=1)
FIRST_DAY, LAST_DAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
AROUND = timedelta(hours=5)
EXPRESSIONS = 300
CHANGES_OF_EACH = 6


@dataclass(frozen=True)
class Change:
    """Zones whose clocks are changed in the same way at the same moment count as one."""

    at: datetime
    old_offset: timedelta
    new_offset: timedelta
    zone: str


class PlainCron:
    """Which local times an expression of numbers, stars, ranges, lists and steps matches."""

    def __init__(self, expression: str) -> None:
        fields = expression.split()
        ranges = [range(60), range(24), range(1, 32), range(1, 13), range(8)]
        self.minutes, self.hours, self.days, self.months, self.weekdays = (
            self.read(field, whole) for field, whole in zip(fields, ranges, strict=True)
        )
        self.needs_both_days = fields[2].startswith("*") or fields[4].startswith("*")
        self.has_intervals = fields[0].startswith("*") or fields[1].startswith("*")

    @staticmethod
    def read(field: str, whole: range) -> set[int]:
        found: set[int] = set()
        for part in field.split(","):
            span, _, step = part.partition("/")
            first, _, last = span.partition("-")
            if span == "*":
                numbers = whole
            elif last or step:
                numbers = range(int(first), int(last or whole[-1]) + 1)
            else:
                numbers = range(int(first), int(first) + 1)
            found.update(numbers[:: int(step or 1)])
        return found

    def matches_day(self, day: date) -> bool:
        by_day = day.day in self.days
        by_weekday = bool({day.isoweekday(), day.isoweekday() % 7} & self.weekdays)
        fits = by_day and by_weekday if self.needs_both_days else by_day or by_weekday
        return day.month in self.months and fits

    def matches(self, local: datetime) -> bool:
        return local.minute in self.minutes and local.hour in self.hours and self.matches_day(local.date())

    def due_times(self, change: Change) -> Iterator[datetime]:
        """Those around the change, by looking at each minute."""
        time = change.at - AROUND
        left_out_from, goes_on_at = change.at + change.old_offset, change.at + change.new_offset
        while time < change.at + AROUND:
            local = time + (change.old_offset if time < change.at else change.new_offset)
            if self.has_intervals or time < change.at:
                is_due = self.matches(local)
            else:
                # A repeated local time had its turn; those that were left out have it at the change.
                is_due = local >= left_out_from and self.matches(local)
                if time == change.at:
                    left_out = (goes_on_at - left_out_from) // MINUTE
                    is_due |= any(self.matches(left_out_from + n * MINUTE) for n in range(left_out))
            if is_due:
                yield time
            time += MINUTE


@cache
def all_changes() -> list[Change]:
    changes: dict[tuple[datetime, timedelta, timedelta], Change] = {}
    for zone in sorted(zoneinfo.available_timezones()):
        tz = zoneinfo.ZoneInfo(zone)

        def offset(time: datetime, tz: zoneinfo.ZoneInfo = tz) -> timedelta:
            return time.astimezone(tz).utcoffset() or timedelta()

        day = FIRST_DAY
        while day < LAST_DAY:
            tomorrow = day + timedelta(days=1)
            if offset(day) != offset(tomorrow):
                at = next(day + n * MINUTE for n in range(1, 1441) if offset(day + n * MINUTE) != offset(day))
                change = Change(at, offset(day), offset(tomorrow), zone)
                changes.setdefault((change.at, change.old_offset, change.new_offset), change)
            day = tomorrow
    return list(changes.values())


def some_expression(chance: random.Random) -> str:
    minute = chance.choice(
        ["*", "*/5", "*/15", "*/20", "*/7", "0", "30", "59", "15,45", "0-10", "5/10", "10-50/20"]
    )
    hour = chance.choice(
        ["*", "*/2", "*/3", "*/6", "0", "1", "2", "3", "1-3", "2,14", "0-4/2", "23", "13-16"]
    )
    day = chance.choice(["*"] * 6 + ["*/2", "1-7", "28", "25-31", "1,15"])
    month = chance.choice(["*"] * 6 + ["3,4", "9-11", "*/2"])
    weekday = chance.choice(["*"] * 6 + ["0", "6,7", "1-5", "*/3"])
    return f"{minute} {hour} {day} {month} {weekday}"


def times_around(expression: str, change: Change) -> list[datetime]:
    end = change.at + AROUND
    time = change.at - AROUND - MINUTE
    times = []
    while (time := cron.next_times(expression, change.zone, time)[0]) < end:
        times.append(time)
    return times


def test_schedules_are_due_as_a_plain_reading_of_the_rule_says_in_every_zone() -> None:
    chance = random.Random(20260404)
    changes = [*all_changes()]
    assert len(changes) > 100
    chance.shuffle(changes)
    wrong = []
    for number in range(EXPRESSIONS):
        expression = some_expression(chance)
        plain = PlainCron(expression)
        for n in range(CHANGES_OF_EACH):
            change = changes[(number * CHANGES_OF_EACH + n) % len(changes)]
            if times_around(expression, change) != list(plain.due_times(change)):
                wrong.append((expression, change))
    assert len(changes) < EXPRESSIONS * CHANGES_OF_EACH
    assert wrong == []


def test_the_next_time_is_always_later_from_any_moment_around_a_change() -> None:
    chance = random.Random(7)
    for change in all_changes():
        expression = some_expression(chance)
        after = change.at - timedelta(hours=3) + timedelta(seconds=chance.randrange(6 * 3600))
        times = cron.next_times(expression, change.zone, after, 5)
        assert all(earlier < later for earlier, later in pairwise([after, *times])), (expression, change)


def after(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "start", "expected"),
    [
        (
            "*/15 3 * * *",
            "Pacific/Chatham",
            "2027-04-03 13:00",
            ["13:15", "13:30", "13:45", "14:15", "14:30"],
        ),
        ("* */2 * * *", "Australia/Lord_Howe", "2026-04-04 15:29", ["15:30", "15:31", "15:32"]),
        # Half past two is left out in Berlin: it is due when the clock goes on at three.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28 12:00", ["01:00", "00:30"]),
        # Half past two comes twice in Berlin: the first counts.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", ["00:30", "01:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25 00:30", ["01:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25 01:10", ["01:30"]),
        ("0 * * * *", "Europe/Berlin", "2026-10-24 23:30", ["00:00", "01:00", "02:00"]),
    ],
)
def test_a_change_of_the_clock(expression: str, zone: str, start: str, expected: list[str]) -> None:
    times = cron.next_times(expression, zone, after(start), len(expected))
    assert [f"{time:%H:%M}" for time in times] == expected


def test_a_leap_day_is_found_years_ahead() -> None:
    times = cron.next_times("0 12 29 2 *", "America/New_York", after("2026-01-01 00:00"), 2)
    assert times == [after("2028-02-29 17:00"), after("2032-02-29 17:00")]


@pytest.mark.parametrize("expression", ["* * * *", "61 * * * *", "0 0 31 2 *", "* * * * * *", "1" * 6000])
def test_what_is_no_schedule_is_refused_with_a_sentence(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        cron.next_times(expression, "UTC", FIRST_DAY)


def test_a_minute_by_minute_schedule_leaves_out_no_minute_and_repeats_none_in_four_years_of_changes() -> None:
    for change in islice(all_changes(), 0, None, 20):
        assert times_around("* * * * *", change) == [change.at - AROUND + n * MINUTE for n in range(600)]


@pytest.mark.parametrize("second", [0, 1, 37, 59])
def test_a_second_of_the_minute_moves_every_time_and_nothing_else(second: int) -> None:
    rng = random.Random(second)
    into_the_minute = timedelta(seconds=second)
    for expression in ("* * * * *", "*/7 3 * * *", "30 2 * * *", "0 9 * * 1-5"):
        for day in ("2026-03-29 00:00", "2026-10-25 00:00", "2026-06-10 00:00"):
            start = after(day) + timedelta(seconds=rng.randrange(7200))
            minutes = cron.next_times(expression, "Europe/Berlin", start - into_the_minute, 5)
            times = cron.next_times(expression, "Europe/Berlin", start, 5, second)
            assert times == [minute + into_the_minute for minute in minutes]
            assert times[0] > start


def test_the_times_until_a_moment_end_there() -> None:
    start = after("2026-01-01 00:00")
    assert cron.times_until("0 * * * *", "UTC", start, start + timedelta(hours=3)) == [
        start + timedelta(hours=hours) for hours in (1, 2, 3)
    ]
    assert cron.times_until("0 9 1 1 *", "UTC", start, start + timedelta(hours=3)) == []
