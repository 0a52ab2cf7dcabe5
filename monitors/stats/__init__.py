"""Uptime, percentiles, outages and series of a monitor for any range of time.

They are computed from roll-ups, so that the work is limited whatever the range is.
"""

from dataclasses import dataclass
from datetime import datetime

from monitors.figures import Figures
from monitors.models import Monitor
from monitors.stats.ranges import TimeRange
from monitors.stats.series import FiguresReader, Series
from monitors.stats.uptime import Watch, watch_of


@dataclass(frozen=True)
class RegionStats:
    """What is counted of the runs in one region."""

    region: str
    buckets: list[Figures]

    @property
    def figures(self) -> Figures:
        """Of the whole range."""
        return sum_of(self.buckets)


@dataclass(frozen=True)
class MonitorStats:
    """What there is to say about a monitor in a range."""

    range: TimeRange
    regions: list[RegionStats]
    """Regions with runs: those of the monitor first, in its order."""
    watch: Watch

    @property
    def figures(self) -> Figures:
        """Of all regions together."""
        return sum_of([region.figures for region in self.regions])


def sum_of(parts: list[Figures]) -> Figures:
    """Figures added up."""
    whole = Figures()
    for part in parts:
        whole.merge(part)
    return whole


def monitor_stats(monitor: Monitor, chosen: TimeRange, now: datetime) -> MonitorStats:
    """The stats of a range, which may have longer buckets than the one that was asked for."""
    chosen, series = FiguresReader(monitor).series(chosen)
    return stats_of(monitor, chosen, series, watch_of(monitor, chosen.since, chosen.until, now))


def stats_of(monitor: Monitor, chosen: TimeRange, series: Series, watch: Watch) -> MonitorStats:
    """The stats of series that were read before, of runs or of one request."""
    regions = [RegionStats(region, series[region]) for region in in_order(monitor, series)]
    return MonitorStats(chosen, regions, watch.within(chosen.since, chosen.until))


def in_order(monitor: Monitor, regions: Series) -> list[str]:
    """Regions as the monitor has them, then those that it had before."""
    own = [region for region in monitor.regions if region in regions]
    return own + sorted(regions.keys() - set(own))
