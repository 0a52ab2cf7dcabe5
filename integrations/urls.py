from django.urls import path
from django.views.generic import TemplateView

app_name = "integrations"
urlpatterns = [
    path("<uuid:pk>/", TemplateView.as_view(template_name="base.html"), name="integration"),
]
