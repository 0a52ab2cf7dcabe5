"""The admin pages of monitors and runs, for operators. Values that may be secret are never shown."""

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from monitors.figures.tallies import RESULTS
from monitors.models import (
    Collection,
    CollectionVersion,
    Environment,
    EnvironmentVariable,
    Exchange,
    Gap,
    Heartbeat,
    HostCertificate,
    LateNotice,
    MaintenanceWindow,
    Monitor,
    Outage,
    OutageNote,
    RegionStatus,
    RequestName,
    Retention,
    RetentionTurn,
    RollUp,
    Run,
    RunDetail,
    VaultSecret,
)
from monitors.models.run_options import RUN_OPTIONS
from workspaces.admin import MASK, DeletedInBackgroundAdmin, ManyRowsAdmin, ReadOnlyMixin

WORKSPACE_FIELDS = ("workspace__name", "workspace__slug")


@admin.register(Collection)
class CollectionAdmin(ReadOnlyMixin, DeletedInBackgroundAdmin[Collection]):
    list_display = ("name", "workspace", "latest", "updated_at")
    list_select_related = ("workspace", "latest__collection")
    search_fields = ("name", "id", *WORKSPACE_FIELDS)
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(CollectionVersion)
class CollectionVersionAdmin(ReadOnlyMixin, admin.ModelAdmin[CollectionVersion]):
    list_display = ("collection", "number", "request_count", "created_at", "created_by")
    list_select_related = ("collection", "created_by")
    search_fields = ("collection__name", "collection__workspace__slug")
    # A collection may hold keys in plain text.
    exclude = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CollectionVersion]:
        return super().get_queryset(request).defer("content")


@admin.register(Environment)
class EnvironmentAdmin(ReadOnlyMixin, admin.ModelAdmin[Environment]):
    list_display = ("name", "workspace", "updated_at")
    list_select_related = ("workspace",)
    search_fields = ("name", "id", *WORKSPACE_FIELDS)


@admin.register(EnvironmentVariable)
class EnvironmentVariableAdmin(ReadOnlyMixin, admin.ModelAdmin[EnvironmentVariable]):
    list_display = ("key", "environment", "is_secret", "is_enabled")
    list_select_related = ("environment",)
    search_fields = ("key", "environment__name", "environment__workspace__slug")
    fields = ("environment", "key", "masked_value", "is_secret", "is_enabled")
    readonly_fields = ("masked_value",)

    @admin.display(description="value")
    def masked_value(self, variable: EnvironmentVariable) -> str:
        return MASK


@admin.register(VaultSecret)
class VaultSecretAdmin(ReadOnlyMixin, admin.ModelAdmin[VaultSecret]):
    list_display = ("key", "workspace", "updated_at")
    list_select_related = ("workspace",)
    search_fields = ("key", *WORKSPACE_FIELDS)
    exclude = ("value",)


@admin.register(HostCertificate)
class HostCertificateAdmin(ReadOnlyMixin, admin.ModelAdmin[HostCertificate]):
    list_display = ("host", "workspace", "updated_at")
    list_select_related = ("workspace",)
    search_fields = ("host", *WORKSPACE_FIELDS)
    exclude = ("key", "passphrase")


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(ReadOnlyMixin, admin.ModelAdmin[MaintenanceWindow]):
    list_display = ("name", "workspace", "mode")
    list_filter = ("mode",)
    list_select_related = ("workspace",)
    search_fields = ("name", *WORKSPACE_FIELDS)


@admin.register(Retention)
class RetentionAdmin(ReadOnlyMixin, admin.ModelAdmin[Retention]):
    list_display = ("workspace", "good_runs_days", "failed_runs_days", "exchanges_days", "statistics_months")
    list_select_related = ("workspace",)
    search_fields = WORKSPACE_FIELDS


@admin.register(RetentionTurn)
class RetentionTurnAdmin(ReadOnlyMixin, admin.ModelAdmin[RetentionTurn]):
    list_display = ("workspace", "due_at", "good_runs_to", "all_runs_to")
    list_select_related = ("workspace",)
    search_fields = WORKSPACE_FIELDS


@admin.register(Monitor)
class MonitorAdmin(ReadOnlyMixin, DeletedInBackgroundAdmin[Monitor]):
    list_display = ("name", "workspace", "cron", "timezone", "next_run_at", "failing_since", "paused_at")
    list_filter = (("paused_at", admin.EmptyFieldListFilter), ("failing_since", admin.EmptyFieldListFilter))
    list_select_related = ("workspace",)
    search_fields = ("name", "id", *WORKSPACE_FIELDS)
    fields = (
        *("name", "workspace", "collection", "environment", "tags", "cron", "timezone", "regions"),
        *RUN_OPTIONS,
        *("paused_at", "next_run_at", "last_run", "latest_results", "failing_since", "consecutive_failures"),
        *("created_by", "created_at", "updated_at"),
    )
    actions = ("run_now", "pause", "resume")

    @admin.action(description="Run the selected monitors now")
    def run_now(self, request: HttpRequest, monitors: QuerySet[Monitor]) -> None:
        runs = [run for monitor in monitors for run in monitor.run_now()]
        self.message_user(request, f"{len(runs)} runs are queued.")

    @admin.action(description="Pause the selected monitors")
    def pause(self, request: HttpRequest, monitors: QuerySet[Monitor]) -> None:
        for monitor in monitors:
            monitor.pause(by=request.user)

    @admin.action(description="Resume the selected monitors")
    def resume(self, request: HttpRequest, monitors: QuerySet[Monitor]) -> None:
        for monitor in monitors:
            monitor.resume(by=request.user)


@admin.register(Outage)
class OutageAdmin(ReadOnlyMixin, ManyRowsAdmin[Outage]):
    list_display = ("monitor_name", "workspace", "started_at", "ended_at", "ended_because", "cause")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("workspace",)
    search_fields = ("id", "monitor_name", *WORKSPACE_FIELDS)
    # Their primary keys are random.
    ordering = ("-started_at",)
    sortable_by = ("started_at",)


@admin.register(OutageNote)
class OutageNoteAdmin(ReadOnlyMixin, ManyRowsAdmin[OutageNote]):
    list_display = ("text", "by", "at", "outage")
    list_select_related = ("outage__monitor",)
    search_fields = ("text", "by", "outage__monitor_name")


@admin.register(RegionStatus)
class RegionStatusAdmin(ReadOnlyMixin, admin.ModelAdmin[RegionStatus]):
    list_display = ("monitor", "region", "since", "late_at")
    list_select_related = ("monitor",)
    search_fields = ("region", "monitor__name", "monitor__workspace__slug")


@admin.register(Gap)
class GapAdmin(ReadOnlyMixin, ManyRowsAdmin[Gap]):
    list_display = ("monitor", "region", "reason", "started_at", "ended_at")
    list_filter = ("reason",)
    list_select_related = ("monitor",)
    search_fields = ("region", "monitor__name", "monitor__workspace__slug")


@admin.register(RollUp)
class RollUpAdmin(ReadOnlyMixin, ManyRowsAdmin[RollUp]):
    list_display = ("monitor", "region", "period", "start", "is_open", *RESULTS)
    list_filter = ("period", "is_open")
    list_select_related = ("monitor",)
    search_fields = ("region", "monitor__name", "monitor__workspace__slug")
    exclude = ("histogram", "slots", "requests")


@admin.register(RequestName)
class RequestNameAdmin(ReadOnlyMixin, ManyRowsAdmin[RequestName]):
    list_display = ("name", "folder", "monitor")
    list_select_related = ("monitor",)
    search_fields = ("name", "monitor__name", "monitor__workspace__slug")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyMixin, admin.ModelAdmin[Heartbeat]):
    list_display = ("part", "seen_at", "since", "asked_at")
    search_fields = ("part",)


@admin.register(LateNotice)
class LateNoticeAdmin(ReadOnlyMixin, admin.ModelAdmin[LateNotice]):
    list_display = ("workspace", "region", "monitors", "since", "mailed_at", "recovered_at")
    list_select_related = ("workspace",)
    search_fields = ("region", *WORKSPACE_FIELDS)


class RegionFilter(admin.SimpleListFilter):
    """Offers the regions of the settings. To collect those of all runs would read the whole table."""

    title = parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Run]) -> list[tuple[str, str]]:
        return [(region, region) for region in settings.REGIONS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(region=self.value()) if self.value() else queryset


@admin.register(Run)
class RunAdmin(ReadOnlyMixin, ManyRowsAdmin[Run]):
    list_display = (
        "id",
        "monitor",
        "workspace",
        "region",
        "type",
        "status",
        "result",
        "scheduled_at",
        "summary",
    )
    list_filter = ("result", "status", "type", RegionFilter)
    list_select_related = ("monitor", "workspace")
    search_fields = ("=id", "monitor__name", *WORKSPACE_FIELDS)


@admin.register(RunDetail)
class RunDetailAdmin(ReadOnlyMixin, ManyRowsAdmin[RunDetail]):
    list_display = ("run",)
    list_select_related = ("run__monitor",)
    search_fields = ("=run__id", "run__monitor__name")
    ordering = ("-run_id",)
    fields = ("run", "bytes_stored")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunDetail]:
        return super().get_queryset(request).defer("document")

    @admin.display(description="size in bytes")
    def bytes_stored(self, detail: RunDetail) -> int:
        return len(detail.document)


@admin.register(Exchange)
class ExchangeAdmin(ReadOnlyMixin, ManyRowsAdmin[Exchange]):
    list_display = ("run", "position", "region", "is_good", "created_at")
    list_select_related = ("run__monitor",)
    search_fields = ("=run__id", "run__monitor__name")
    exclude = ("document",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Exchange]:
        return super().get_queryset(request).defer("document")
