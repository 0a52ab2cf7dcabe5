"""System checks of what runs need."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from monitors.runner.http import EgressPolicy
from monitors.runner.sandbox import confinement

SANDBOX_LIMITS = ("SANDBOX_MEMORY_MB", "SANDBOX_CPU_SECONDS", "SANDBOX_OUTPUT_MB")

RETENTION = (
    "KEEP_GOOD_RUNS_DAYS",
    "KEEP_FAILED_RUNS_DAYS",
    "KEEP_EXCHANGES_DAYS",
    "KEEP_STATISTICS_MONTHS",
    "KEEP_DELIVERIES_DAYS",
)


def egress_is_readable(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    try:
        EgressPolicy.from_text(settings.EGRESS_ALLOW)
    except ValueError as problem:
        return [Error(f"EGRESS_ALLOW holds something that is not a network: {problem}.", id="monitors.E001")]
    return []


def sandbox_limits_leave_room(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    return [
        Error(f"{name} must be 1 or more: without it no script can run.", id="monitors.E002")
        for name in SANDBOX_LIMITS
        if getattr(settings, name) < 1
    ]


def retention_is_possible(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    too_low = [name for name in RETENTION if getattr(settings, name) < 1]
    errors: list[CheckMessage] = [Error(f"{name} must be 1 or more.", id="monitors.E003") for name in too_low]
    kept = (settings.KEEP_GOOD_RUNS_DAYS, settings.KEEP_FAILED_RUNS_DAYS, settings.MAX_KEEP_DAYS)
    if tuple(sorted(kept)) != kept:
        order = "KEEP_GOOD_RUNS_DAYS, KEEP_FAILED_RUNS_DAYS and MAX_KEEP_DAYS"
        errors.append(Error(f"{order} must not get smaller in this order.", id="monitors.E004"))
    return errors


def scripts_are_confined(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Tries the protections in a process of its own, so it is only part of `check --deploy`."""
    missing = confinement()
    if not missing:
        return []
    return [
        Warning(
            f"Scripts of collections run without: {'; '.join(missing)}.",
            hint="Run the worker on Linux, on x86-64 or ARM, where user namespaces or root are allowed. "
            "Until then let only people whom you trust edit collections.",
            id="monitors.W001",
        )
    ]
