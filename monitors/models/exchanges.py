"""Requests and responses with header fields and bodies, for people who look for the cause of a failure."""

from dataclasses import asdict
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from monitors.models.monitors import Monitor
from monitors.models.runs import Run
from monitors.runner.captures import KeptBody, KeptExchange, KeptMessage
from workspaces.fields import Ciphertext, EncryptedDocumentField


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    def good(self, monitor: Monitor, region: str) -> Self:
        """Those of the good run that is kept of a monitor in a region, to compare others with."""
        return self.filter(monitor=monitor, region=region, is_good=True)


class Exchange(models.Model):
    """One request of a run as it was sent, and its response. Secrets are masked in both."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="exchanges", db_index=False)
    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=50)
    position = models.PositiveIntegerField(help_text="Of the request in the run's detail.")
    is_good = models.BooleanField(default=False, help_text="Whether it is of a run that passed.")
    document = EncryptedDocumentField(help_text="The request and the response, as a KeptExchange.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_exchange_per_position")]
        indexes = [
            models.Index(fields=["monitor", "region"], condition=Q(is_good=True), name="good_exchanges")
        ]

    def __str__(self) -> str:
        return f"Exchange {self.position} of run {self.run_id}"

    @staticmethod
    def of(run: Run, position: int, kept: KeptExchange, is_good: bool) -> "Exchange":
        """Not stored yet, but encrypted: that takes time, which no transaction should wait for."""
        document: str = EncryptedDocumentField().get_prep_value(asdict(kept))
        return Exchange(
            run=run,
            monitor_id=run.monitor_id,
            region=run.region,
            position=position,
            is_good=is_good,
            document=Ciphertext(document),
        )

    @property
    def content(self) -> KeptExchange:
        """Raises SecretUnreadable."""
        stored = self.document
        return KeptExchange(
            stored["execution"],
            stored["method"],
            stored["url"],
            _message(stored["request"]),
            _message(stored["response"]) if stored["response"] else None,
        )


def _message(stored: dict[str, object]) -> KeptMessage:
    headers, body = stored["headers"], stored["body"]
    assert isinstance(headers, list)
    assert isinstance(body, dict)
    return KeptMessage([(name, value) for name, value in headers], KeptBody(**body))
