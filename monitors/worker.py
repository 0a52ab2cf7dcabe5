"""Executes a run: claims its row, makes the runner's input of its monitor, and has the report stored."""

import logging
import threading
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from monitors import runner
from monitors.exchanges import what_to_keep
from monitors.leases import keeper
from monitors.models import (
    Environment,
    EnvironmentVariable,
    HostCertificate,
    Monitor,
    Run,
    VaultSecret,
)
from monitors.progress import Progress
from monitors.redaction import secrets_for_reports
from monitors.results import store_report, store_system_error
from monitors.runner.http import EgressPolicy, HostTls
from monitors.runner.masking import texts_in
from monitors.runner.options import Keep
from monitors.runner.report import RunReport
from monitors.runner.sandbox import SandboxLimits, Zygote
from workspaces.fields import SecretUnreadable
from workspaces.models import Workspace
from workspaces.slots import FairSlots

log = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
NO_SLOT_RETRY_SECONDS = 2
RECORD_MESSAGE_AFTER = timedelta(seconds=10)
"""How often at most a run that waits for a slot writes down that its message is not lost."""


def _is_alone(workspace_id: UUID | None) -> bool:
    return not Monitor.objects.filter(paused_at=None).exclude(workspace=workspace_id).exists()


slots = FairSlots(lambda: settings.WORKER_CONCURRENCY, _is_alone)
"""Keep the slow runs of some workspaces from filling the worker while others have monitors too."""


@cache
def zygote() -> Zygote:
    """One for the process; it boots with the first script."""
    return Zygote(
        SandboxLimits(
            memory_bytes=settings.SANDBOX_MEMORY_MB * MEGABYTE,
            cpu_seconds=settings.SANDBOX_CPU_SECONDS,
            output_bytes=settings.SANDBOX_OUTPUT_MB * MEGABYTE,
        )
    )


@cache
def egress() -> EgressPolicy:
    """Which private networks the operator opens to collections."""
    return EgressPolicy.from_text(settings.EGRESS_ALLOW)


def execute(run_id: int) -> None:
    """Executes the run if it still waits. A run that is gone, claimed or finished is left alone."""
    # Its collection may be large, and is of no use until there is a slot.
    queued = Run.objects.waiting().filter(pk=run_id).only("workspace_id", "region", "message_sent_at").first()
    if queued is None:
        return
    with slots.slot(queued.workspace_id) as acquired:
        if acquired:
            _execute(run_id)
        else:
            _send_to_end_of_queue(queued)


def _send_to_end_of_queue(run: Run) -> None:
    now = timezone.now()
    if now - run.message_sent_at > RECORD_MESSAGE_AFTER:
        Run.objects.waiting().filter(pk=run.pk).update(message_sent_at=now)
    run.send_message(countdown=NO_SLOT_RETRY_SECONDS)


def _execute(run_id: int) -> None:
    run = (
        # The environment has a query of its own, which costs PostgreSQL less than planning one more join.
        Run.objects.select_related("monitor__workspace", "monitor__collection__latest")
        .filter(pk=run_id, monitor__deleted_at=None)
        .first()
    )
    if run is None or not run.claim(timezone.now()):
        return
    with keeper.renewing(run) as stop:
        try:
            report = run_monitor(run, stop)
        except SecretUnreadable as problem:
            log.error("Run %s could not be executed: %s", run.pk, problem)
            store_system_error(run, f"This run could not start. {problem}")
        except Exception:
            # A tenant's run must not stop the worker. What breaks here is a system error, which pages nobody.
            log.exception("Run %s could not be executed.", run.pk)
            store_system_error(run)
        else:
            store_report(run, report)


def run_monitor(run: Run, stop: threading.Event) -> RunReport:
    """Runs the latest version of the collection of the run's monitor, until `stop` is set."""
    monitor = run.monitor
    assert monitor.collection.latest is not None
    variables = list(monitor.environment.variables.all()) if monitor.environment else []
    secret = [variable for variable in variables if variable.is_secret]
    vault = vault_of(monitor.workspace)
    content = monitor.collection.latest.content
    return runner.run_collection(
        runner.load_collection(content),
        environment=scope_of(monitor.environment, variables),
        options=options_of(monitor, vault, what_to_keep(run, monitor)),
        zygote=zygote(),
        egress=egress(),
        # The report must not show these.
        secrets={
            *vault.values(),
            *(text for variable in secret for text in texts_in(variable.value)),
            *secrets_for_reports(content),
        },
        secret_keys={variable.key for variable in secret},
        progress=Progress(run, stop),
        stop=stop,
    )


def scope_of(
    environment: Environment | None, variables: list[EnvironmentVariable]
) -> runner.VariableScope | None:
    """The environment as the runner reads it."""
    if environment is None:
        return None
    values = [
        {"key": variable.key, "value": variable.value, "disabled": not variable.is_enabled}
        for variable in variables
    ]
    return runner.load_variables({"name": environment.name, "values": values})


def options_of(monitor: Monitor, vault: dict[str, str], keep: Keep) -> runner.RunOptions:
    """The options of a monitor and of the installation."""
    return runner.RunOptions(
        request_timeout_ms=monitor.request_timeout_ms or None,
        delay_ms=monitor.delay_request_ms,
        follow_redirects=monitor.follow_redirects,
        verify_tls=monitor.verify_tls,
        retries=monitor.retries,
        retry_unsafe_methods=monitor.retry_unsafe,
        max_response_bytes=settings.RESPONSE_BODY_LIMIT,
        files=files_of(monitor.workspace),
        proxy=settings.PROXY_URL or None,
        hosts=certificates_of(monitor.workspace),
        vault=vault,
        keep=keep,
    )


def files_of(workspace: Workspace) -> Path | None:
    """Where the operator put the files that this tenant's requests may upload."""
    return Path(settings.FILES_DIR) / workspace.slug if settings.FILES_DIR else None


def certificates_of(workspace: Workspace) -> list[HostTls]:
    """The certificates of a workspace, in the order in which hosts are compared."""
    return [
        HostTls(row.host, row.certificate, row.key, row.passphrase, row.authority)
        # The first one that matches is used, so exact host names come before patterns.
        for row in sorted(HostCertificate.objects.for_workspace(workspace), key=lambda row: "*" in row.host)
    ]


def vault_of(workspace: Workspace) -> dict[str, str]:
    """The secrets of a workspace, by key."""
    return {secret.key: secret.value for secret in VaultSecret.objects.for_workspace(workspace)}
