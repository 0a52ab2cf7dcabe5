"""Deletes objects that may have millions of related rows: it marks them at once and removes the rows later.

Only the manager `all_objects` finds a marked row. The related rows are removed in small transactions, so that
a task can be killed at any moment and the next one continues.

`delete_batch` deletes rows that are too old, which have few related rows each.
"""

import time
from collections.abc import Iterator
from typing import Any, TypeVar

from celery import current_app
from django.apps import apps
from django.db import models, router, transaction
from django.utils import timezone

from workspaces.signals import deleting

M = TypeVar("M", bound=models.Model)

PURGE_DELETED = "workspaces.tasks.purge_deleted"
BATCH = 500
LEAF_BATCH = 5000
"""For rows to which no other rows belong."""
PAUSE_SECONDS = 0.02
"""The pause between two batches, in which others can write: SQLite allows one writer at a time."""


class DeletedInBackground(models.Model):
    """A model whose rows are deleted in the background. Its `objects` must be a `WithoutDeleted` manager."""

    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @transaction.atomic
    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Marks the row as deleted. Raises RestrictedError when another object needs it."""
        self.before_deletion()
        deleting.send(sender=type(self), instance=self)
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])
        transaction.on_commit(send_purge, robust=True)
        return 1, {self._meta.label: 1}

    def before_deletion(self) -> None:
        """A hook for what must happen in the same transaction."""

    def why_it_is_kept(self) -> str:
        """The sentence that says why the row cannot be deleted; empty when it can."""
        return ""


class WithoutDeleted(models.Manager[M]):
    """A manager that finds no rows that are marked as deleted."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(deleted_at=None)


def pause_after(started: float) -> None:
    """Pauses at least as long as the batch took that began then, by `time.monotonic()`."""
    time.sleep(max(PAUSE_SECONDS, time.monotonic() - started))


def send_purge() -> None:
    """Starts the removal now. The schedule starts the same task each minute anyway."""
    current_app.send_task(PURGE_DELETED)


def purge(seconds: float) -> None:
    """Removes batches of marked rows, for at most `seconds`."""
    deadline = time.monotonic() + seconds
    for model, pk in _marked():
        while _purge_batch(model, pk):
            if time.monotonic() > deadline:
                return
            time.sleep(PAUSE_SECONDS)


def _marked() -> Iterator[tuple[type[DeletedInBackground], object]]:
    for model in apps.get_models():
        if issubclass(model, DeletedInBackground):
            marked = model._base_manager.filter(deleted_at__isnull=False).order_by("deleted_at")
            for pk in list(marked.values_list("pk", flat=True)):
                yield model, pk


@transaction.atomic
def _purge_batch(model: type[DeletedInBackground], pk: object) -> bool:
    """Removes one batch. False when the row is gone or another task works on it."""
    rows = model._base_manager.filter(pk=pk, deleted_at__isnull=False)
    found = rows.select_for_update(skip_locked=True).first()
    if found is None:
        return False
    # Another object may have begun to use the row at the moment of its deletion.
    if found.why_it_is_kept():
        rows.update(deleted_at=None)
        return False
    return not _delete_some(model, [pk])


def _delete_some(model: type[models.Model], pks: list[object]) -> bool:
    """Deletes one batch of related rows, or the rows themselves when none is left; True for the latter."""
    for relation in _relations(model):
        related = relation.related_model
        # Ordered by an index: otherwise PostgreSQL would scan past the rows deleted before, again and again.
        rows = related._base_manager.filter(**{f"{relation.field.name}__in": pks}).order_by("pk")
        if relation.on_delete is models.SET_NULL:
            batch = rows.values("pk")[:LEAF_BATCH]
            if related._base_manager.filter(pk__in=batch).update(**{relation.field.name: None}):
                return False
        elif not _relations(related):
            batch = rows.values("pk")[:LEAF_BATCH]
            if _delete_rows(related, batch):
                return False
        elif found := list(rows.values_list("pk", flat=True)[:BATCH]):
            _delete_some(related, found)
            return False
    _delete_rows(model, pks)
    return True


def delete_batch(model: type[models.Model], pks: list[object]) -> None:
    """Deletes these rows with the rows that belong to them. Other rows that refer to them no longer do."""
    for relation in _relations(model):
        if relation.on_delete is models.SET_NULL:
            # Each is a transaction of its own, which holds no other lock while it waits for one.
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": pks})
            rows.update(**{relation.field.name: None})
    with transaction.atomic():
        for relation in _relations(model):
            if relation.on_delete is models.CASCADE:
                _delete_children(relation, pks)
        _delete_rows(model, pks)


def _delete_children(relation: Any, pks: list[object]) -> None:
    related = relation.related_model
    rows: Any = related._base_manager.filter(**{f"{relation.field.name}__in": pks})
    if not _relations(related):
        rows._raw_delete(router.db_for_write(related))
    elif children := list(rows.values_list("pk", flat=True)):
        delete_batch(related, children)


def _delete_rows(model: type[models.Model], pks: object) -> int:
    rows: Any = model._base_manager.filter(pk__in=pks)
    deleted: int = rows._raw_delete(router.db_for_write(model))
    return deleted


def _relations(model: type[models.Model]) -> list[Any]:
    """The foreign keys that point at this table, including those of many-to-many tables."""
    return [
        field
        for field in model._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and (field.one_to_one or field.one_to_many)
    ]
