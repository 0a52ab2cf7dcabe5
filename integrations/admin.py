"""Integrations and their outbox for operators. Configurations contain keys, so they are masked."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from integrations import outbox
from integrations.models import Delivery, Incident, Installation, Integration, RegionStreak
from integrations.registry import all_providers
from workspaces.admin import DeletedInBackgroundAdmin, ManyRowsAdmin, ReadOnlyMixin

WORKSPACE_FIELDS = ("workspace__name", "workspace__slug")


def is_settled(incident: Incident) -> bool:
    """Whether the incident is closed and the provider knows it, so that the incident may be deleted."""
    failed = Delivery.objects.failed_resolves(before=timezone.now()).filter(incident=incident)
    has_unsent_events = incident.deliveries.unfinished().exists() or failed.exists()
    return not incident.is_open and not has_unsent_events


@admin.register(Integration)
class IntegrationAdmin(ReadOnlyMixin, DeletedInBackgroundAdmin[Integration]):
    list_display = ("name", "provider", "workspace", "monitor", "paused_at", "rejections", "problem")
    list_filter = ("provider", ("paused_at", admin.EmptyFieldListFilter))
    list_select_related = ("workspace", "monitor")
    search_fields = ("name", "id", "monitor__name", *WORKSPACE_FIELDS)
    exclude = ("config",)
    readonly_fields = ("masked_config",)

    @admin.display(description="configuration")
    def masked_config(self, integration: Integration) -> str:
        return ", ".join(f"{name}: {value}" for name, value in integration.config_summary.items())


class ProviderFilter(admin.SimpleListFilter):
    """Offers the providers in the registry, since a query for those of all incidents would be slow."""

    title = parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(provider.slug, provider.name) for provider in all_providers() if provider.opens_incidents]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        return queryset.filter(provider=self.value()) if self.value() else queryset


@admin.register(Incident)
class IncidentAdmin(ReadOnlyMixin, ManyRowsAdmin[Incident]):
    list_display = ("__str__", "workspace", "integration_name", "monitor_name", "opened_at", "closed_at")
    list_filter = (ProviderFilter, ("closed_at", admin.EmptyFieldListFilter), "is_test")
    list_select_related = ("workspace",)
    # Their primary keys are random.
    ordering = ("-opened_at",)
    sortable_by = ("opened_at",)
    search_fields = ("dedup_key", "summary", "integration_name", "monitor_name", *WORKSPACE_FIELDS)
    exclude = ("config",)
    # An incident of a deleted workspace has no page.
    view_on_site = False

    def has_delete_permission(self, request: HttpRequest, obj: Incident | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or is_settled(obj))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyMixin, ManyRowsAdmin[Delivery]):
    list_display = (
        *("id", "action", "status", "integration", "monitor", "workspace"),
        *("attempts", "next_attempt_at", "response_status", "response_text"),
    )
    list_filter = ("status", "action")
    list_select_related = ("integration", "monitor", "workspace")
    search_fields = ("=id", "stream", "integration__name", "monitor__name", *WORKSPACE_FIELDS)
    actions = ("resend",)

    @admin.action(description="Resend the selected deliveries")
    def resend(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        """Skips deliveries that are obsolete or that were followed by newer ones."""
        copies = [outbox.resend(delivery) for delivery in deliveries.order_by("id")]
        sent = len(copies) - copies.count(None)
        verb = "is" if sent == 1 else "are"
        self.message_user(request, f"{sent} of {len(copies)} deliveries {verb} being resent.")

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or (obj.is_finished and (obj.incident is None or is_settled(obj.incident)))


@admin.register(RegionStreak)
class RegionStreakAdmin(ReadOnlyMixin, admin.ModelAdmin[RegionStreak]):
    list_display = (
        "monitor",
        "integration",
        "region",
        "consecutive_failures",
        "consecutive_passes",
        "is_failing",
    )
    list_filter = ("is_failing", "region")
    list_select_related = ("monitor", "integration")
    search_fields = ("monitor__name", "integration__name", "integration__workspace__slug")


@admin.register(Installation)
class InstallationAdmin(ReadOnlyMixin, admin.ModelAdmin[Installation]):
    list_display = ("uuid",)
    search_fields = ("uuid",)

    def has_delete_permission(self, request: HttpRequest, obj: Installation | None = None) -> bool:
        # The dedup keys of open incidents contain it.
        return False
