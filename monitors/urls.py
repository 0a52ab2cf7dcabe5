from django.urls import path

from monitors.views.bulk import BulkView
from monitors.views.certificates import (
    AddCertificateView,
    CertificateListView,
    DeleteCertificateView,
    EditCertificateView,
)
from monitors.views.collections import (
    CollectionListView,
    CollectionVersionView,
    CollectionView,
    DeleteCollectionView,
    ImportCollectionView,
    ReimportCollectionView,
)
from monitors.views.environments import (
    AddEnvironmentView,
    DeleteEnvironmentView,
    EnvironmentListView,
    EnvironmentView,
    ExportEnvironmentView,
    ImportEnvironmentView,
)
from monitors.views.home import HomeView
from monitors.views.maintenance import (
    AddWindowView,
    DeleteWindowView,
    EditWindowView,
    EndWindowView,
    MaintenanceListView,
    PreviewWindowView,
)
from monitors.views.monitor import MonitorView
from monitors.views.monitor_actions import (
    DeleteMonitorView,
    MuteMonitorView,
    PauseMonitorView,
    ResumeMonitorView,
    RunNowView,
)
from monitors.views.monitor_form import AddMonitorView, EditMonitorView, PreviewMonitorView
from monitors.views.monitor_list import MonitorListView
from monitors.views.outages import AcknowledgeOutageView, OutageListView, OutageView, ResolveOutageView
from monitors.views.rail import RailView
from monitors.views.retention import RetentionView
from monitors.views.run_actions import CancelRunView, DownloadRunView, RunAgainView
from monitors.views.runs import RunView
from monitors.views.search import SearchView
from monitors.views.vault import (
    AddVaultSecretView,
    DeleteVaultSecretView,
    EditVaultSecretView,
    VaultSecretListView,
)

app_name = "monitors"
urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("rail/", RailView.as_view(), name="rail"),
    path("search/", SearchView.as_view(), name="search"),
    path("collections/", CollectionListView.as_view(), name="collections"),
    path("collections/import/", ImportCollectionView.as_view(), name="import-collection"),
    path("collections/<uuid:pk>/", CollectionView.as_view(), name="collection"),
    path(
        "collections/<uuid:pk>/versions/<int:number>/",
        CollectionVersionView.as_view(),
        name="collection-version",
    ),
    path("collections/<uuid:pk>/import/", ReimportCollectionView.as_view(), name="reimport-collection"),
    path("collections/<uuid:pk>/delete/", DeleteCollectionView.as_view(), name="delete-collection"),
    path("environments/", EnvironmentListView.as_view(), name="environments"),
    path("environments/add/", AddEnvironmentView.as_view(), name="add-environment"),
    path("environments/import/", ImportEnvironmentView.as_view(), name="import-environment"),
    path("environments/<uuid:pk>/", EnvironmentView.as_view(), name="environment"),
    path("environments/<uuid:pk>/export/", ExportEnvironmentView.as_view(), name="export-environment"),
    path("environments/<uuid:pk>/delete/", DeleteEnvironmentView.as_view(), name="delete-environment"),
    path("monitors/", MonitorListView.as_view(), name="monitors"),
    path("monitors/change/", BulkView.as_view(), name="change-monitors"),
    path("monitors/add/", AddMonitorView.as_view(), name="add-monitor"),
    path("monitors/preview/", PreviewMonitorView.as_view(), name="preview-monitor"),
    path("monitors/<uuid:pk>/", MonitorView.as_view(), name="monitor"),
    path("monitors/<uuid:pk>/edit/", EditMonitorView.as_view(), name="edit-monitor"),
    path("monitors/<uuid:pk>/preview/", PreviewMonitorView.as_view(), name="preview-edited-monitor"),
    path("monitors/<uuid:pk>/run/", RunNowView.as_view(), name="run-now"),
    path("monitors/<uuid:pk>/pause/", PauseMonitorView.as_view(), name="pause-monitor"),
    path("monitors/<uuid:pk>/resume/", ResumeMonitorView.as_view(), name="resume-monitor"),
    path("monitors/<uuid:pk>/mute/", MuteMonitorView.as_view(), name="mute-monitor"),
    path("monitors/<uuid:pk>/delete/", DeleteMonitorView.as_view(), name="delete-monitor"),
    path("outages/", OutageListView.as_view(), name="outages"),
    path("outages/<uuid:pk>/", OutageView.as_view(), name="outage"),
    path("outages/<uuid:pk>/acknowledge/", AcknowledgeOutageView.as_view(), name="acknowledge-outage"),
    path("outages/<uuid:pk>/resolve/", ResolveOutageView.as_view(), name="resolve-outage"),
    path("runs/<int:pk>/", RunView.as_view(), name="run"),
    path("runs/<int:pk>/again/", RunAgainView.as_view(), name="run-again"),
    path("runs/<int:pk>/cancel/", CancelRunView.as_view(), name="cancel-run"),
    path("runs/<int:pk>/download/<str:form>", DownloadRunView.as_view(), name="download-run"),
    path("settings/vault/", VaultSecretListView.as_view(), name="vault"),
    path("settings/vault/add/", AddVaultSecretView.as_view(), name="add-vault-secret"),
    path("settings/vault/<int:pk>/", EditVaultSecretView.as_view(), name="vault-secret"),
    path("settings/vault/<int:pk>/delete/", DeleteVaultSecretView.as_view(), name="delete-vault-secret"),
    path("settings/certificates/", CertificateListView.as_view(), name="certificates"),
    path("settings/certificates/add/", AddCertificateView.as_view(), name="add-certificate"),
    path("settings/certificates/<int:pk>/", EditCertificateView.as_view(), name="certificate"),
    path(
        "settings/certificates/<int:pk>/delete/", DeleteCertificateView.as_view(), name="delete-certificate"
    ),
    path("settings/retention/", RetentionView.as_view(), name="retention"),
    path("maintenance/", MaintenanceListView.as_view(), name="maintenance"),
    path("maintenance/add/", AddWindowView.as_view(), name="add-maintenance-window"),
    path("maintenance/preview/", PreviewWindowView.as_view(), name="preview-maintenance"),
    path("maintenance/<uuid:pk>/", EditWindowView.as_view(), name="maintenance-window"),
    path("maintenance/<uuid:pk>/end/", EndWindowView.as_view(), name="end-maintenance-window"),
    path("maintenance/<uuid:pk>/delete/", DeleteWindowView.as_view(), name="delete-maintenance-window"),
]
