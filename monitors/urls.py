from django.urls import path

from monitors.views.access import (
    AddCertificate,
    AddVaultSecret,
    Certificates,
    DeleteCertificate,
    DeleteVaultSecret,
    EditCertificate,
    EditVaultSecret,
    Vault,
)
from monitors.views.collections import (
    CollectionList,
    CollectionPage,
    CollectionVersionPage,
    DeleteCollection,
    ImportCollection,
    ReimportCollection,
)
from monitors.views.environments import (
    AddEnvironment,
    DeleteEnvironment,
    EnvironmentList,
    EnvironmentPage,
    ExportEnvironment,
    ImportEnvironment,
)
from monitors.views.home import HomePage
from monitors.views.maintenance import AddWindow, DeleteWindow, EditWindow, EndWindow, MaintenanceList
from monitors.views.monitor_actions import DeleteMonitor, PauseMonitor, ResumeMonitor, RunNow
from monitors.views.monitor_form import AddMonitor, EditMonitor, PreviewSchedule
from monitors.views.monitors import MonitorList, MonitorPage
from monitors.views.runs import RunPage

app_name = "monitors"
urlpatterns = [
    path("", HomePage.as_view(), name="home"),
    path("collections/", CollectionList.as_view(), name="collections"),
    path("collections/import/", ImportCollection.as_view(), name="import-collection"),
    path("collections/<uuid:pk>/", CollectionPage.as_view(), name="collection"),
    path(
        "collections/<uuid:pk>/versions/<int:number>/",
        CollectionVersionPage.as_view(),
        name="collection-version",
    ),
    path("collections/<uuid:pk>/import/", ReimportCollection.as_view(), name="reimport-collection"),
    path("collections/<uuid:pk>/delete/", DeleteCollection.as_view(), name="delete-collection"),
    path("environments/", EnvironmentList.as_view(), name="environments"),
    path("environments/add/", AddEnvironment.as_view(), name="add-environment"),
    path("environments/import/", ImportEnvironment.as_view(), name="import-environment"),
    path("environments/<uuid:pk>/", EnvironmentPage.as_view(), name="environment"),
    path("environments/<uuid:pk>/export/", ExportEnvironment.as_view(), name="export-environment"),
    path("environments/<uuid:pk>/delete/", DeleteEnvironment.as_view(), name="delete-environment"),
    path("monitors/", MonitorList.as_view(), name="monitors"),
    path("monitors/add/", AddMonitor.as_view(), name="add-monitor"),
    path("monitors/preview-schedule/", PreviewSchedule.as_view(), name="preview-schedule"),
    path("monitors/<uuid:pk>/", MonitorPage.as_view(), name="monitor"),
    path("monitors/<uuid:pk>/edit/", EditMonitor.as_view(), name="edit-monitor"),
    path("monitors/<uuid:pk>/run/", RunNow.as_view(), name="run-now"),
    path("monitors/<uuid:pk>/pause/", PauseMonitor.as_view(), name="pause-monitor"),
    path("monitors/<uuid:pk>/resume/", ResumeMonitor.as_view(), name="resume-monitor"),
    path("monitors/<uuid:pk>/delete/", DeleteMonitor.as_view(), name="delete-monitor"),
    path("runs/<int:pk>/", RunPage.as_view(), name="run"),
    path("settings/vault/", Vault.as_view(), name="vault"),
    path("settings/vault/add/", AddVaultSecret.as_view(), name="add-vault-secret"),
    path("settings/vault/<int:pk>/", EditVaultSecret.as_view(), name="vault-secret"),
    path("settings/vault/<int:pk>/delete/", DeleteVaultSecret.as_view(), name="delete-vault-secret"),
    path("settings/certificates/", Certificates.as_view(), name="certificates"),
    path("settings/certificates/add/", AddCertificate.as_view(), name="add-certificate"),
    path("settings/certificates/<int:pk>/", EditCertificate.as_view(), name="certificate"),
    path("settings/certificates/<int:pk>/delete/", DeleteCertificate.as_view(), name="delete-certificate"),
    path("settings/maintenance/", MaintenanceList.as_view(), name="maintenance"),
    path("settings/maintenance/add/", AddWindow.as_view(), name="add-maintenance-window"),
    path("settings/maintenance/<uuid:pk>/", EditWindow.as_view(), name="maintenance-window"),
    path("settings/maintenance/<uuid:pk>/end/", EndWindow.as_view(), name="end-maintenance-window"),
    path("settings/maintenance/<uuid:pk>/delete/", DeleteWindow.as_view(), name="delete-maintenance-window"),
]
