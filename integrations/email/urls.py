from django.urls import path

from integrations.email import views

urlpatterns = [
    path("summaries/<str:token>/", views.UnsubscribeView.as_view(), name="email-unsubscribe"),
]
