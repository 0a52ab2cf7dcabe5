"""Celery tasks of what belongs to no other part."""

from celery import shared_task

from workspaces import deletion

SECONDS = 50
"""The next one comes after a minute."""


@shared_task(ignore_result=True)
def purge_deleted() -> None:
    """Removes what was deleted, in batches."""
    deletion.purge(SECONDS)
