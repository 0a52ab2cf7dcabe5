"""Queries of integrations."""

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from monitors.models import Monitor
from workspaces.models import Role, User, Workspace
from workspaces.tenancy import WorkspaceOwnedQuerySet

if TYPE_CHECKING:
    from integrations.models.integrations import Integration  # noqa: F401

REJECTIONS_UNTIL_BROKEN = 3
"""After so many rejections in a row an integration is broken."""

WITHOUT_DELETED_MONITORS = Q(monitor=None) | Q(monitor__deleted_at=None)


class IntegrationQuerySet(WorkspaceOwnedQuerySet["Integration"]):
    """Queries of integrations."""

    def for_workspace(self, workspace: Workspace) -> Self:
        """Those of a workspace, except those of deleted monitors, which are removed in the background."""
        return super().for_workspace(workspace).filter(WITHOUT_DELETED_MONITORS)

    def for_user(self, user: User, role: Role = Role.VIEWER) -> Self:
        return super().for_user(user, role).filter(WITHOUT_DELETED_MONITORS)

    def watching(self, monitor: Monitor) -> Self:
        """Those that a monitor's runs concern. Paused ones are among them, since they close what is open."""
        return self.filter(Q(monitor=monitor) | Q(monitor=None, workspace=monitor.workspace_id))

    def paging_when_late(self) -> Self:
        """Those that also page when monitors do not run. Paused ones page nobody."""
        return self.filter(late_after_minutes__isnull=False, paused_at=None)

    def broken(self) -> Self:
        """Those that send nothing, since their provider rejected several events in a row."""
        return self.filter(rejections__gte=REJECTIONS_UNTIL_BROKEN)

    def with_unreported_rejection(self) -> Self:
        """Those that reject events, of which the owners have not been mailed yet."""
        return self.filter(rejections__gt=0, owners_notified_at=None)
