from django.apps import AppConfig
from django.core.checks import register

from monitors import checks


class MonitorsConfig(AppConfig):
    name = "monitors"

    def ready(self) -> None:
        from monitors import receivers

        receivers.connect()
        register(checks.egress_is_readable)
        register(checks.sandbox_limits_leave_room)
        register(checks.retention_is_possible)
        register(checks.scripts_are_confined, deploy=True)
