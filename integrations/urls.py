from django.urls import include, path

from integrations.registry import all_providers
from integrations.views import deliveries, integration_form, integrations, providers

app_name = "integrations"
urlpatterns = [
    # Providers that need pages of their own have a urls.py.
    *(path(f"{one.slug}/", include(one.urlconf)) for one in all_providers() if one.urlconf),
    path("", providers.ProviderListView.as_view(), name="browse"),
    path("configured/", integrations.IntegrationListView.as_view(), name="configured"),
    path("tests/<int:pk>/", deliveries.TestProgressView.as_view(), name="test-progress"),
    path("<uuid:pk>/", integrations.IntegrationView.as_view(), name="integration"),
    path("<uuid:pk>/live/", integrations.IntegrationLiveView.as_view(), name="live"),
    path(
        "<uuid:pk>/log.csv", deliveries.ExportDeliveriesView.as_view(), {"format": "csv"}, name="export-csv"
    ),
    path(
        "<uuid:pk>/log.json",
        deliveries.ExportDeliveriesView.as_view(),
        {"format": "json"},
        name="export-json",
    ),
    path("deliveries/<int:pk>/send-again/", deliveries.ResendView.as_view(), name="resend"),
    path("<uuid:pk>/test/", integrations.SendTestView.as_view(), name="test"),
    path("<uuid:pk>/edit/", integration_form.EditIntegrationView.as_view(), name="edit"),
    path("<uuid:pk>/pause/", integrations.PauseIntegrationView.as_view(), name="pause"),
    path("<uuid:pk>/resume/", integrations.ResumeIntegrationView.as_view(), name="resume"),
    path("<uuid:pk>/delete/", integrations.DeleteIntegrationView.as_view(), name="delete"),
    path("<slug:provider>/", providers.ProviderView.as_view(), name="provider"),
    path("<slug:provider>/add/", integration_form.AddIntegrationView.as_view(), name="add"),
    path("<slug:provider>/monitors/", integration_form.MonitorChoicesView.as_view(), name="monitor-choices"),
    path("<slug:provider>/delay/", integration_form.DelayView.as_view(), name="delay"),
    path(
        "<slug:provider>/check/<slug:field>/", integration_form.CheckFieldView.as_view(), name="check-field"
    ),
]
