"""The routes of the REST API. Each app registers its own view sets."""

from rest_framework.routers import DefaultRouter

router = DefaultRouter()

urlpatterns = router.urls
