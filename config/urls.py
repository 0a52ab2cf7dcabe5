from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.views import home

urlpatterns = [
    path("", home, name="home"),
    path("accounts/", include("workspaces.account_urls")),
    path("w/<slug:slug>/settings/", include("workspaces.urls")),
    path("w/<slug:slug>/", include("monitors.urls")),
    path("w/<slug:slug>/", include("integrations.workspace_urls")),
    path("integrations/", include("integrations.urls")),
    path("api/v1/", include("config.api")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("admin/", admin.site.urls),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"
