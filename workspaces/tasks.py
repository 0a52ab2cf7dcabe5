"""The Celery tasks of this app."""

from celery import shared_task

from workspaces import deletion, expiry

SECONDS = 50
"""How long the task works. The next one starts after a minute."""


@shared_task(ignore_result=True)
def purge_deleted() -> None:
    """Removes rows that are marked as deleted, in batches."""
    deletion.purge(SECONDS)


@shared_task(ignore_result=True)
def delete_expired() -> None:
    """Removes sessions that have expired, and invitations that ended long ago."""
    expiry.delete_expired()
