"""Deletes what may carry millions of rows: marked at once, removed in batches in the background.

A marked row is found by no manager but `all_objects`. The batches are small transactions of their own, so
that a task may be killed at any moment and the next one goes on.
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
"""Of rows on which nothing else hangs."""
PAUSE_SECONDS = 0.02
"""Between two batches others come to their turn, which SQLite gives to one at a time."""


class DeletedInBackground(models.Model):
    """Its `objects` must be a manager `WithoutDeleted`."""

    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @transaction.atomic
    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Marks it as deleted. Raises RestrictedError where another object needs it."""
        self.before_deletion()
        deleting.send(sender=type(self), instance=self)
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])
        transaction.on_commit(send_purge, robust=True)
        return 1, {self._meta.label: 1}

    def before_deletion(self) -> None:
        """What has to happen in the same transaction."""

    def why_it_is_kept(self) -> str:
        """A sentence when something else needs it, so that it cannot be deleted."""
        return ""


class WithoutDeleted(models.Manager[M]):
    """Finds no deleted rows."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(deleted_at=None)


def send_purge() -> None:
    """The message only makes it quick: the schedule sends the same task each minute."""
    current_app.send_task(PURGE_DELETED)


def purge(seconds: float) -> None:
    """Removes batches of what is marked, for so long at most."""
    deadline = time.monotonic() + seconds
    for model, pk in _marked():
        while _purge_batch(model, pk):
            if time.monotonic() > deadline:
                return
            time.sleep(PAUSE_SECONDS)


def _marked() -> Iterator[tuple[type[DeletedInBackground], Any]]:
    for model in apps.get_models():
        if issubclass(model, DeletedInBackground):
            marked = model._base_manager.filter(deleted_at__isnull=False).order_by("deleted_at")
            for pk in list(marked.values_list("pk", flat=True)):
                yield model, pk


@transaction.atomic
def _purge_batch(model: type[DeletedInBackground], pk: Any) -> bool:
    """False when the row is gone or another task works on it."""
    rows = model._base_manager.filter(pk=pk, deleted_at__isnull=False)
    found = rows.select_for_update(skip_locked=True).first()
    if found is None:
        return False
    # Something that is kept may have begun to use it at the moment of its deletion.
    if found.why_it_is_kept():
        rows.update(deleted_at=None)
        return False
    return not _delete_some(model, [pk])


def _delete_some(model: type[models.Model], pks: list[Any]) -> bool:
    """Deletes a batch of what hangs on these rows, or else the rows. True when it was the rows."""
    for relation in _relations(model):
        related = relation.related_model
        # In the order of an index: without one PostgreSQL reads again and again past what it deleted before.
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


def _delete_rows(model: type[models.Model], pks: Any) -> int:
    rows: Any = model._base_manager.filter(pk__in=pks)
    deleted: int = rows._raw_delete(router.db_for_write(model))
    return deleted


def _relations(model: type[models.Model]) -> list[Any]:
    """The foreign keys of other tables that point at this one, those of many-to-many tables too."""
    return [
        field
        for field in model._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and (field.one_to_one or field.one_to_many)
    ]
