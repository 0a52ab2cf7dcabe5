"""The routes of the REST API."""

from rest_framework.routers import DefaultRouter

from integrations import api as integrations
from integrations import outages_api
from monitors import api as monitors

router = DefaultRouter()
# A POST without the last slash would otherwise be answered by a redirect that clients follow with a GET.
router.trailing_slash = "/?"
router.include_format_suffixes = False
router.register("collections", monitors.CollectionViewSet)
router.register("environments", monitors.EnvironmentViewSet)
router.register("monitors", monitors.MonitorViewSet)
router.register("runs", monitors.RunViewSet)
router.register("vault-secrets", monitors.VaultSecretViewSet)
router.register("certificates", monitors.CertificateViewSet)
router.register("maintenance-windows", monitors.MaintenanceWindowViewSet)
router.register("integrations", integrations.IntegrationViewSet)
router.register("outages", outages_api.OutageViewSet)
router.register("incidents", integrations.IncidentViewSet)

urlpatterns = router.urls
