"""The pages of one workspace, under /w/<slug>/."""

from django.urls import path

from integrations.views import incidents

app_name = "incidents"
urlpatterns = [
    path("incidents/", incidents.IncidentListView.as_view(), name="incidents"),
    path("incidents/<uuid:pk>/", incidents.IncidentView.as_view(), name="incident"),
    path("incidents/<uuid:pk>/resolve/", incidents.ResolveIncidentView.as_view(), name="resolve"),
]
