"""Writes many rows at once: by COPY on PostgreSQL, by one prepared statement on SQLite."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max

BATCH = 20_000


class Table:
    """The rows of one model. Columns that are not given have their default.

    Rows of `after` are written before: these ones may refer to them.
    """

    def __init__(self, model: type[models.Model], *given: str, after: "Table | None" = None) -> None:
        self.model, self._after = model, after
        fields = {field.attname: field for field in model._meta.concrete_fields}
        others = [name for name in fields if name not in given and not _is_numbered(fields[name])]
        self._fields = [fields[name] for name in (*given, *others)]
        self._convert = [_converter(field) for field in self._fields]
        blank = model()
        self._defaults = tuple(getattr(blank, name) for name in others)
        self._rows: list[Sequence[Any]] = []

    def add(self, *values: Any) -> None:
        """Adds a row: the values of the given columns in their order."""
        self._rows.append(values + self._defaults)
        if len(self._rows) >= BATCH:
            self.flush()

    @transaction.atomic
    def flush(self) -> None:
        """Writes what was added since."""
        if self._after:
            self._after.flush()
        rows, self._rows = self._rows, []
        names = ", ".join(connection.ops.quote_name(str(field.column)) for field in self._fields)
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(self._stored(row))
            else:
                marks = ", ".join(["%s"] * len(self._fields))
                insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"
                cursor.executemany(insert, [self._stored(row) for row in rows])

    def _stored(self, row: Sequence[Any]) -> list[Any]:
        return [
            value if convert is None or value is None else convert(value)
            for value, convert in zip(row, self._convert, strict=True)
        ]


@transaction.atomic
def reserve_ids(model: type[models.Model], count: int) -> int:
    """The first of so many ids in a row, which the database gives to no row that others add meanwhile."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Nobody takes an id before the sequence is advanced.
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(table)} IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
            first = max(cursor.fetchone()[0], _last_id(model) + 1)
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + count - 1])
        else:
            cursor.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = %s", [table])
            first = max(cursor.fetchone()[0] or 0, _last_id(model)) + 1
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, first + count - 1]
            )
    return int(first)


def _last_id(model: type[models.Model]) -> int:
    return int(model._base_manager.aggregate(last=Max("pk"))["last"] or 0)


def _is_numbered(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.AutoField)


def _converter(field: models.Field[Any, Any]) -> Callable[[Any], object] | None:
    """How the database takes the values of a field; None for as they are."""
    if isinstance(field, models.JSONField):
        return json.dumps
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if connection.vendor == "postgresql":
        return None
    if isinstance(target, models.UUIDField):
        return _hex
    return _sqlite_time if isinstance(target, models.DateTimeField) else None


def _hex(value: Any) -> str:
    return str(value.hex)


def _sqlite_time(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
