from django.urls import path

from integrations.pagerduty import views

urlpatterns = [
    path("connect/", views.ConnectView.as_view(), name="pagerduty-connect"),
    path("connected/", views.ConnectedView.as_view(), name="pagerduty-connected"),
]
