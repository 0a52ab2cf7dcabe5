"""Renews the leases of the runs that this process executes, and notices when a run was canceled."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils import timezone

from monitors.models import Run

log = logging.getLogger(__name__)


class LeaseKeeper:
    """Renews all leases in one thread, which lives as long as the process executes runs."""

    def __init__(self) -> None:
        self._held: dict[UUID, threading.Event] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def renewing(self, run: Run) -> Iterator[threading.Event]:
        """Renews the run's lease until the block ends. Sets the event when the run has lost it."""
        lease = run.lease  # `finish` clears it on the run.
        assert lease is not None
        with self._changed:
            self._held[lease] = lost = threading.Event()
            if self._thread is None:
                self._thread = threading.Thread(target=self._renew_all, name="leases", daemon=True)
                self._thread.start()
        try:
            yield lost
        finally:
            with self._changed:
                del self._held[lease]
                self._changed.notify()

    def _renew_all(self) -> None:
        try:
            while held := self._wait():
                self._renew(held)
        finally:
            connection.close()

    def _wait(self) -> dict[UUID, threading.Event]:
        """Sleeps until the next renewal is due. Returns the leases to renew: none when the thread may end."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held, timeout=settings.RUN_LEASE_SECONDS / 3)
            if not self._held:
                self._thread = None
            return dict(self._held)

    def _renew(self, held: dict[UUID, threading.Event]) -> None:
        until = timezone.now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)
        try:
            close_old_connections()
            with transaction.atomic():
                # A run whose result is being stored needs no renewal, and the others must not wait for it.
                unlocked = Run.objects.leased().filter(lease__in=held).select_for_update(skip_locked=True)
                ids = list(unlocked.values_list("pk", flat=True))
                Run.objects.filter(pk__in=ids).update(leased_until=until)
            alive = set(Run.objects.leased().filter(lease__in=held).values_list("lease", flat=True))
            for lease in held.keys() - alive:
                held[lease].set()
        except DatabaseError as problem:
            # The next round tries again. If the database stays away, it is right to requeue the runs.
            log.warning("The leases of %d runs were not renewed: %s", len(held), problem)


keeper = LeaseKeeper()
