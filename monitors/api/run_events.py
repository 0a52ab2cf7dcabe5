"""A run in progress as a stream of server-sent events."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer

from monitors.api.run_parts import RequestResultSerializer
from monitors.models import Run, RunDetail
from monitors.models.runs import RunStatus
from workspaces.api import TooManyRequests
from workspaces.slots import FairSlots

INTERVAL_SECONDS = 1.0
MAX_SECONDS = 60.0
"""A stream occupies a thread of the web server, so it does not last for ever."""
MAX_STREAMS = 4
"""In one process, which has eight threads. A workspace has two of them at most."""

_slots = FairSlots(count=lambda: MAX_STREAMS, is_alone=lambda workspace_id: False)


class EventStreamRenderer(BaseRenderer):
    """Lets clients accept text/event-stream, as EventSource does. Errors are rendered as JSON."""

    media_type = "text/event-stream"
    format = "events"
    charset = "utf-8"

    def render(self, data: Any, *args: object, **kwargs: object) -> bytes:
        return json.dumps(data).encode()


class RunEvents:
    """The events of one run. Its slot is free again when the stream is closed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._slot = ExitStack()
        if not self._slot.enter_context(_slots.slot(run.workspace_id)):
            raise TooManyRequests("Too many streams are open. Try again, or ask for the run instead.")

    def close(self) -> None:
        """Is called by the web server at the end, also when the client has gone."""
        self._slot.close()

    def __iter__(self) -> Iterator[bytes]:
        end = time.monotonic() + MAX_SECONDS
        sent = 0
        while True:
            run = Run.objects.filter(pk=self._run.pk).first()
            if run is None:
                return
            stored = RunDetail.objects.filter(run=run).first()
            requests = stored.requests if stored else []
            is_over = run.status == RunStatus.FINISHED
            # At the end they have their texts, and others stand between them: those that were not sent.
            for request in requests if is_over else requests[sent:]:
                yield _event("request", RequestResultSerializer(request).data)
            sent = max(sent, len(requests))
            if is_over:
                yield _event("finished", {"id": run.pk, "number": run.number, "result": run.result})
                return
            if time.monotonic() > end:
                return
            yield b": the run goes on\n\n"
            time.sleep(INTERVAL_SECONDS)


def _event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def stream_of(run: Run) -> StreamingHttpResponse:
    """Raises TooManyRequests."""
    response = StreamingHttpResponse(RunEvents(run), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    # nginx would hold the events back.
    response["X-Accel-Buffering"] = "no"
    return response
