"""What a monitor, or the command line, may choose for a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitors.runner.http import HostTls

FIVE_MINUTES_MS = 5 * 60 * 1000
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})


@dataclass(frozen=True)
class RunOptions:
    """All times in milliseconds. The defaults are Postman's for a monitor."""

    timeout_ms: int = FIVE_MINUTES_MS
    """For the run in all; past it the result is `abort`."""
    request_timeout_ms: int | None = None
    script_timeout_ms: int | None = None
    delay_ms: int = 0
    """Before each request."""
    follow_redirects: bool = True
    verify_tls: bool = True
    retries: int = 0
    """How often a request that fails is executed again, with its scripts."""
    retry_unsafe_methods: bool = False
    """Whether that goes for methods too that may do harm when repeated: POST, PATCH and any not in RFC
    9110's list."""
    max_response_bytes: int = 10 * 1024 * 1024
    files: Path | None = None
    """The directory of the files that requests may upload; without one none is sent."""
    hosts: Sequence[HostTls] = field(default=())
    proxy: str | None = None
    vault: Mapping[str, str] = field(default_factory=dict)
    """What `pm.vault` and `{{vault:name}}` know."""

    def may_retry(self, method: str, attempt: int) -> bool:
        return attempt <= self.retries and (self.retry_unsafe_methods or method in IDEMPOTENT_METHODS)
