"""The options of a monitor's runs."""

from django.core.validators import MaxValueValidator
from django.db import models

MAX_DELAY_MS = 300_000
"""The maximum of Postman's monitors for request timeout and delay: five minutes."""

RUN_OPTIONS = (
    "request_timeout_ms",
    "delay_request_ms",
    "follow_redirects",
    "verify_tls",
    "retries",
    "retry_unsafe",
    "keep_exchanges",
)
"""The fields of a monitor that say how a run sends its requests, and what it keeps of them."""


class RunOptionsOfMonitor(models.Model):
    """How the runs of a monitor send their requests, and what they keep of them."""

    request_timeout_ms = models.PositiveIntegerField(
        "request timeout",
        default=0,
        validators=[MaxValueValidator(MAX_DELAY_MS)],
        help_text="Milliseconds that a request may take; 0 for no limit but the run's five minutes.",
    )
    delay_request_ms = models.PositiveIntegerField(
        "delay between requests",
        default=0,
        validators=[MaxValueValidator(MAX_DELAY_MS)],
        help_text="Milliseconds to wait between two requests.",
    )
    follow_redirects = models.BooleanField(default=True)
    verify_tls = models.BooleanField(
        "verify TLS certificates", default=True, help_text="Off, self-signed certificates are accepted."
    )
    retries = models.PositiveSmallIntegerField(
        "retry on failure",
        default=0,
        validators=[MaxValueValidator(5)],
        help_text="How many times a failing request is sent again before it counts as failed.",
    )
    retry_unsafe = models.BooleanField(
        "retry requests that change data",
        default=False,
        help_text="Also repeat POST and PATCH requests: the target may then act on them twice.",
    )

    keep_exchanges = models.BooleanField(
        "keep requests and responses",
        default=True,
        help_text="Of requests that failed, with their headers and bodies. Secrets are masked in them.",
    )

    class Meta:
        abstract = True
