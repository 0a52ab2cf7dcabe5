from django.urls import path

from integrations.email import views

urlpatterns = [
    path("summaries/<str:token>/", views.EndSummariesView.as_view(), name="email-end-summaries"),
]
