"""What the system checks tell the operator."""

import pytest
from django.core.checks import registry, run_checks
from pytest_django.fixtures import Settings

from monitors import checks
from monitors.runner.sandbox import confinement


def test_the_operator_is_told_what_this_machine_lacks() -> None:
    said = " ".join(warning.msg for warning in checks.scripts_are_confined(None))
    missing = confinement()
    assert all(phrase in said for phrase in missing)
    assert bool(said) == bool(missing)


def test_a_machine_without_protections_gets_a_warning_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = ["no filter on system calls (seccomp)", "no network namespace of its own"]
    monkeypatch.setattr(checks, "confinement", lambda: lacking)
    [warning] = [one for one in run_checks(include_deployment_checks=True) if one.id == "monitors.W001"]
    assert all(phrase in warning.msg for phrase in lacking)
    assert warning.hint


def test_no_other_command_pays_for_trying_the_protections() -> None:
    assert checks.scripts_are_confined not in list[object](registry.registry.get_checks())


@pytest.mark.parametrize("name", checks.SANDBOX_LIMITS)
def test_limits_that_leave_no_room_are_refused(settings: Settings, name: str) -> None:
    setattr(settings, name, 0)
    [error] = checks.sandbox_limits_leave_room(None)
    assert name in error.msg


@pytest.mark.parametrize("name", checks.RETENTION)
def test_what_is_kept_for_no_time_is_refused(settings: Settings, name: str) -> None:
    setattr(settings, name, 0)
    assert any(name in error.msg for error in checks.retention_is_possible(None))


def test_failed_runs_are_kept_as_long_as_good_ones(settings: Settings) -> None:
    assert checks.retention_is_possible(None) == []
    settings.KEEP_FAILED_RUNS_DAYS = settings.KEEP_GOOD_RUNS_DAYS - 1
    [error] = checks.retention_is_possible(None)
    assert "must not get smaller" in error.msg
