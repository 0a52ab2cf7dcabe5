"""The page of one integration, and what can be done there."""

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import View
from django.views.generic.base import TemplateView

from integrations import event_progress
from integrations.models import Delivery, Installation, Integration
from integrations.models.deliveries import HELD
from integrations.views.access import OwnedMixin
from integrations.views.catalogue import with_last_event
from integrations.views.log import Log
from workspaces.models import Role


class IntegrationMixin(OwnedMixin[Integration]):
    model = Integration

    def get_queryset(self) -> QuerySet[Integration]:
        queryset: QuerySet[Integration] = with_last_event(super().get_queryset())
        return queryset.select_related("workspace", "monitor")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        integration = self.object
        return super().get_context_data(**kwargs) | {
            "integration": integration,
            "provider": integration.get_provider(),
            "open_incidents": integration.open_incidents.select_related("workspace"),
            "log": Log(integration, self.request.GET),
            "installation": Installation.this(),
        }


class IntegrationView(IntegrationMixin, TemplateView):
    template_name = "integrations/integration.html"


class LiveView(IntegrationMixin, TemplateView):
    """State, incidents and run log: what the page refreshes in place."""

    template_name = "integrations/_live.html"


class TestView(OwnedMixin[Integration], View):
    """Sends a test event; the page then follows it."""

    model = Integration

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        test = self.object.send_test()
        if request.htmx:  # type: ignore[attr-defined]
            return redirect("integrations:test-progress", test.pk)
        if settings.HOLD_DELIVERIES:
            messages.warning(request, f"The test event waits. {HELD}")
        else:
            messages.success(request, "The test event is on its way: see the run log.")
        return redirect(self.object)


class TestProgressView(OwnedMixin[Delivery], TemplateView):
    """How far a test event is."""

    model = Delivery
    template_name = "integrations/_test.html"

    def get_queryset(self) -> QuerySet[Delivery]:
        return super().get_queryset().filter(is_test=True).select_related("incident")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "test": self.object,
            "steps": event_progress.steps(self.object),
            "is_over": event_progress.is_over(self.object),
            "installation": Installation.this(),
        }


class ConfirmMixin(OwnedMixin[Integration]):
    """Asks before it does."""

    model = Integration
    required_role_to_read = Role.EDITOR

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "integration": self.object,
            "provider": self.object.get_provider(),
            "open_incidents": self.object.open_incidents.select_related("monitor"),
            "cancel_url": self.object.get_absolute_url(),
        }


class PauseView(ConfirmMixin, TemplateView):
    template_name = "integrations/pause.html"

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object.pause(close_incidents=request.POST.get("incidents") == "close")
        messages.success(request, f"{self.object} is paused: it tells nobody.")
        return redirect(self.object)


class ResumeView(OwnedMixin[Integration], View):
    model = Integration

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object.resume()
        messages.success(request, f"{self.object} is resumed, from the next run on.")
        return redirect(self.object)


class DeleteView(ConfirmMixin, TemplateView):
    template_name = "integrations/delete.html"

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object.delete()
        messages.success(request, f"{self.object.name} was deleted.")
        return redirect(reverse("integrations:configured"))
