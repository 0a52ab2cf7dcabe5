"""Checks of what runs need of the installation."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from monitors.runner.http import EgressPolicy


def egress_is_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        EgressPolicy.from_text(settings.EGRESS_ALLOW)
    except ValueError as problem:
        return [Error(f"EGRESS_ALLOW holds something that is no network: {problem}.", id="monitors.E001")]
    return []
