"""The made-up monitors and their collections."""

import random
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from monitors.history.variants import Variants, collection_content
from monitors.models import Collection, Environment, Monitor
from workspaces.models import Workspace

SIZES = (1, 3, 5, 8, 20)
"""Requests of the collections."""
TAGS = ("checkout", "payments", "catalog", "identity", "shipping", "search", "mobile", "partners", "batch")
THINGS = (
    "Orders",
    "Cart",
    "Payments",
    "Search",
    "Sign-in",
    "Prices",
    "Stock",
    "Invoices",
    "Parcels",
    "Reviews",
)
PLACES = ("EU", "US", "Asia", "Staging", "Mobile", "Partners", "Internal", "Public")
BATCH = 500

EVERY = {
    **{minutes: f"*/{minutes} * * * *" for minutes in (2, 3, 4, 5, 6, 10, 12, 15, 20, 30)},
    1: "* * * * *",
    60: "0 * * * *",
    **{hours * 60: f"0 */{hours} * * *" for hours in (2, 3, 4, 6, 8, 12)},
    1440: "0 0 * * *",
}
"""The schedule for each number of minutes between two runs."""


def make_monitors(
    workspace: Workspace, count: int, every: int, now: datetime
) -> Iterator[tuple[Monitor, Variants]]:
    """Stores monitors that run every so many minutes. Each comes with the results that its runs may have."""
    chance = random.Random(count)
    collections = [(_collection(workspace, size), Variants.of(size, chance)) for size in SIZES]
    environment: Environment = Environment.objects.create(workspace=workspace, name="Production")
    monitors, variants = [], []
    for number in range(count):
        collection, results = collections[number % len(collections)]
        variants.append(results)
        monitors.append(
            Monitor(
                workspace=workspace,
                name=_name(number),
                collection=collection,
                environment=environment,
                tags=[
                    TAGS[number % len(TAGS)],
                    *([TAGS[number // 7 % len(TAGS)]] if number % 3 == 0 else []),
                ],
                cron=EVERY[every],
                # Nothing else may run it until its state is stored.
                paused_at=now,
                regions=settings.REGIONS[: 1 + number % len(settings.REGIONS)],
            )
        )
        monitors[-1].choose_second()
    Monitor.objects.bulk_create(monitors, BATCH)
    return zip(monitors, variants, strict=True)


def _name(number: int) -> str:
    thing, place = THINGS[number % len(THINGS)], PLACES[number // len(THINGS) % len(PLACES)]
    return f"{thing} {place} {number + 1}"


def _collection(workspace: Workspace, size: int) -> Collection:
    collection: Collection = Collection.objects.create(workspace=workspace, name=f"Shop {size}")
    collection.add_version(collection_content(f"Shop, {size} request{'s' * (size > 1)}", size), by=None)
    return collection
