"""The detail of a run: its requests, their tests, and its console, in one compressed row."""

from django.db import models
from django.utils.functional import cached_property

from monitors import run_documents
from monitors.models.runs import Run
from monitors.request_results import ConsoleLine, RequestResult, RunDocument


class RunDetail(models.Model):
    """What a run found out. One in progress has what is known so far, without texts that may hold secrets."""

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.CASCADE, related_name="stored_detail")
    document = models.BinaryField(help_text="A RunDocument, as monitors.run_documents writes it.")

    def __str__(self) -> str:
        return f"Detail of run {self.pk}"

    @cached_property
    def content(self) -> RunDocument:
        """Raises UnreadableDocument."""
        return run_documents.decode(bytes(self.document))

    @property
    def requests(self) -> list[RequestResult]:
        return self.content.requests

    @property
    def console(self) -> list[ConsoleLine]:
        return self.content.console

    @staticmethod
    def of(run: Run, document: RunDocument) -> "RunDetail":
        """Not stored yet, but compressed: that takes time, which no transaction should wait for."""
        detail = RunDetail(run=run, document=run_documents.encode(document))
        detail.content = document
        return detail

    def store(self) -> None:
        """Stores it instead of the detail that its run has, by one statement."""
        RunDetail.objects.bulk_create(
            [self], update_conflicts=True, unique_fields=["run"], update_fields=["document"]
        )
        self.run.detail = self.content
