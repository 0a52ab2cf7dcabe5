"""The locks of rows, always taken in one order, so that no two transactions wait for each other.

1. The monitors, by primary key (`lock_monitors`).
2. The integration: against changes (`select_for_update`), or against its deletion alone
   (`lock_against_delete`).
3. Its incidents, by primary key.
4. Their deliveries.

The result of a run, the response of a provider, a change, a pause and a deletion all lock rows of several of
these tables. A transaction that needs several of these locks takes them in this order.
"""

import uuid

from django.apps import apps
from django.db import connection
from django.db.models import QuerySet

from monitors.models import Monitor


def lock_monitors(monitors: QuerySet[Monitor]) -> None:
    """Lets no run of these monitors be recorded until the transaction ends."""
    list(monitors.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def lock_against_delete(integration_id: uuid.UUID | None) -> bool:
    """Keeps the integration from being deleted until the transaction ends. False when it is deleted.

    Django lacks FOR KEY SHARE, the lock of foreign keys: it hinders deletion and nothing else. SQLite locks
    the whole database instead. The model is found by its name, since incidents lock their integration and
    the module of integrations imports theirs.
    """
    if integration_id is None:
        return False
    integrations = apps.get_model("integrations", "Integration")
    if connection.vendor != "postgresql":
        return integrations._default_manager.filter(pk=integration_id).exists()
    with connection.cursor() as cursor:
        table = integrations._meta.db_table
        cursor.execute(
            f"SELECT deleted_at IS NULL FROM {table} WHERE id = %s FOR KEY SHARE", [integration_id]
        )
        row = cursor.fetchone()
        return row is not None and bool(row[0])
