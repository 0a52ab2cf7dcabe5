"""The operator's view of integrations and their outbox. Configurations hold keys and are shown masked."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.models import Delivery, Incident, Installation, Integration, RegionState
from workspaces.admin import ReadOnlyMixin

OF_WORKSPACE = ("workspace__name", "workspace__slug")


@admin.register(Integration)
class IntegrationAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("name", "provider", "workspace", "monitor", "paused_at", "rejections", "problem")
    list_filter = ("provider", ("paused_at", admin.EmptyFieldListFilter))
    list_select_related = ("workspace", "monitor")
    search_fields = ("name", "id", "monitor__name", *OF_WORKSPACE)
    exclude = ("config",)
    readonly_fields = ("masked_config",)

    @admin.display(description="configuration")
    def masked_config(self, integration: Integration) -> str:
        return ", ".join(f"{name}: {value}" for name, value in integration.config_summary.items())


@admin.register(Incident)
class IncidentAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("__str__", "workspace", "integration_name", "monitor_name", "opened_at", "closed_at")
    list_filter = ("provider", ("closed_at", admin.EmptyFieldListFilter), "is_test")
    list_select_related = ("workspace",)
    search_fields = ("dedup_key", "summary", "integration_name", "monitor_name", *OF_WORKSPACE)
    exclude = ("config",)
    show_full_result_count = False
    # One whose workspace was deleted has no page.
    view_on_site = False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = (
        *("id", "action", "state", "integration", "monitor", "workspace"),
        *("attempts", "next_attempt_at", "answer_status", "answer"),
    )
    list_filter = ("state", "action")
    list_select_related = ("integration", "monitor", "workspace")
    search_fields = ("=id", "stream", "integration__name", "monitor__name", *OF_WORKSPACE)
    show_full_result_count = False
    actions = ("send_again",)

    @admin.action(description="Send the chosen deliveries again")
    def send_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        copies = [delivery.send_again() for delivery in deliveries.order_by("id")]
        self.message_user(request, f"{len(copies)} deliveries are sent again, each at the end of its stream.")


@admin.register(RegionState)
class RegionStateAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("monitor", "integration", "region", "failed_in_row", "passed_in_row", "is_failing")
    list_filter = ("is_failing", "region")
    list_select_related = ("monitor", "integration")
    search_fields = ("monitor__name", "integration__name", "integration__workspace__slug")


@admin.register(Installation)
class InstallationAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("uuid",)
    search_fields = ("uuid",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Every open incident's dedup key has it in it.
        return False
