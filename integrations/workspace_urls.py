"""The pages of one workspace, under /w/<slug>/."""

from django.urls import path

from integrations.views import incidents

app_name = "incidents"
urlpatterns = [
    path("incidents/", incidents.IncidentListView.as_view(), name="incidents"),
]
