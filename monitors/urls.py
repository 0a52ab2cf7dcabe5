from django.urls import path
from django.views.generic import TemplateView

app_name = "monitors"
urlpatterns = [
    path("", TemplateView.as_view(template_name="monitors/home.html"), name="home"),
]
