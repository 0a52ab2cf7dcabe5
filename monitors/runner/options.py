"""The options of a run, which a monitor or the command line sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from monitors.runner.http import HostTls

FIVE_MINUTES_MS = 5 * 60 * 1000
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})


class Keep(Enum):
    """Of which requests a run keeps header fields and bodies."""

    NONE = "none"
    FAILED = "failed"
    """Those that failed, of a run that failed."""
    ALL = "all"
    """As FAILED, and all of them of a run that passed."""


@dataclass(frozen=True)
class RunOptions:
    """The options of one run. The defaults are Postman's for a monitor."""

    timeout_ms: int = FIVE_MINUTES_MS
    """For the whole run; after it the result is `abort`."""
    request_timeout_ms: int | None = None
    """For each request, like Newman's `--timeout-request`; None for no limit but the run's own."""
    script_timeout_ms: int | None = None
    """For each script; None for no limit but the run's own."""
    delay_ms: int = 0
    """A pause before each request."""
    follow_redirects: bool = True
    """What applies to requests whose `protocolProfileBehavior` does not set `followRedirects`."""
    verify_tls: bool = True
    """False accepts any certificate for every request."""
    retries: int = 0
    """How many more times a failed request is executed, together with its scripts."""
    retry_unsafe_methods: bool = False
    """Whether to retry methods that are not idempotent (RFC 9110, section 9.2.2), such as POST and PATCH."""
    max_response_bytes: int = 10 * 1024 * 1024
    """A longer response body, once decompressed, is cut there."""
    files: Path | None = None
    """The directory of the files that requests may upload; None allows no uploads of files."""
    hosts: Sequence[HostTls] = ()
    """Client certificates and CAs of single hosts."""
    proxy: str | None = None
    """The URL of an HTTP proxy for all requests."""
    keep: Keep = Keep.NONE
    """Whose exchanges the report contains."""
    vault: Mapping[str, str] = field(default_factory=dict)
    """The secrets that `pm.vault` and `{{vault:name}}` find, by name."""

    def may_retry(self, method: str, attempt: int) -> bool:
        """Whether a request that failed in its `attempt`, counted from 1, may be executed once more."""
        return attempt <= self.retries and (self.retry_unsafe_methods or method in IDEMPOTENT_METHODS)
