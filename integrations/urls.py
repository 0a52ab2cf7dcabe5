from django.urls import include, path

from integrations.registry import all_providers
from integrations.views import catalogue, integration, log, setup

app_name = "integrations"
urlpatterns = [
    # Providers that need pages of their own have a urls.py.
    *(
        path(f"{provider.slug}/", include(provider.urlconf))
        for provider in all_providers()
        if provider.urlconf
    ),
    path("", catalogue.BrowseView.as_view(), name="browse"),
    path("configured/", catalogue.ConfiguredView.as_view(), name="configured"),
    path("tests/<int:pk>/", integration.TestProgressView.as_view(), name="test-progress"),
    path("<uuid:pk>/", integration.IntegrationView.as_view(), name="integration"),
    path("<uuid:pk>/live/", integration.LiveView.as_view(), name="live"),
    path("<uuid:pk>/log.csv", log.ExportView.as_view(), {"format": "csv"}, name="export-csv"),
    path("<uuid:pk>/log.json", log.ExportView.as_view(), {"format": "json"}, name="export-json"),
    path("deliveries/<int:pk>/send-again/", log.SendAgainView.as_view(), name="send-again"),
    path("<uuid:pk>/test/", integration.TestView.as_view(), name="test"),
    path("<uuid:pk>/edit/", setup.EditView.as_view(), name="edit"),
    path("<uuid:pk>/pause/", integration.PauseView.as_view(), name="pause"),
    path("<uuid:pk>/resume/", integration.ResumeView.as_view(), name="resume"),
    path("<uuid:pk>/delete/", integration.DeleteView.as_view(), name="delete"),
    path("<slug:provider>/", catalogue.ProviderView.as_view(), name="provider"),
    path("<slug:provider>/add/", setup.AddView.as_view(), name="add"),
    path("<slug:provider>/monitors/", setup.MonitorChoicesView.as_view(), name="monitor-choices"),
    path("<slug:provider>/delay/", setup.DelayView.as_view(), name="delay"),
    path("<slug:provider>/check/<slug:field>/", setup.CheckFieldView.as_view(), name="check-field"),
]
