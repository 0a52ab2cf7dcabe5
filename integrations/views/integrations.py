"""Integrations: the list, the page of one, and what can be done there."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import DetailView

from integrations.filters import IntegrationFilter
from integrations.last_events import with_last_event
from integrations.models import Installation, Integration
from integrations.models.deliveries import HELD
from integrations.models.integration_querysets import IntegrationQuerySet
from integrations.registry import PROVIDERS, all_providers
from integrations.views.base import ObjectWorkspaceMixin
from integrations.views.deliveries import RunLog
from workspaces.models import Role, Workspace
from workspaces.pages import ConfirmPage, ListPage, UserRequest


class IntegrationListView(LoginRequiredMixin, ListPage[Integration]):
    """The integrations of all workspaces of a person, of all providers or of one."""

    model = Integration
    filterset_class = IntegrationFilter
    template_name = "integrations/configured.html"
    context_object_name = "integrations"
    ordering = ("name", "created_at")
    paginate_by = 50
    request: UserRequest

    def get_queryset(self) -> QuerySet[Integration]:
        integrations = super().get_queryset()
        assert isinstance(integrations, IntegrationQuerySet)
        return with_last_event(integrations.for_user(self.request.user))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        slug = self.request.GET.get("provider", "")
        return super().get_context_data(**kwargs) | {
            "providers": all_providers(),
            "provider_slug": slug if slug in PROVIDERS else "",
            "can_add": Workspace.objects.for_user(self.request.user, Role.EDITOR).exists(),
        }


class IntegrationView(ObjectWorkspaceMixin[Integration], DetailView[Integration]):
    """An integration's configuration, state, open incidents and run log."""

    model = Integration
    template_name = "integrations/integration.html"

    def get_queryset(self) -> QuerySet[Integration]:
        return with_last_event(super().get_queryset())

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "provider": self.object.get_provider(),
            "open_incidents": self.object.open_incidents.select_related("workspace"),
            "log": RunLog(self.object, self.request.GET),
            "installation": Installation.this(),
        }


class IntegrationLiveView(IntegrationView):
    """The part of the page that it refreshes every few seconds: state, incidents and run log."""

    template_name = "integrations/_live.html"


class SendTestView(ObjectWorkspaceMixin[Integration]):
    """Sends a test event. The page then shows its progress."""

    model = Integration

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        test = self.object.send_test()
        if self.request.htmx:
            return redirect("integrations:test-progress", test.pk)
        if settings.HOLD_DELIVERIES:
            messages.warning(request, f"The test event is waiting. {HELD}")
        else:
            messages.success(request, "The test event is being sent. The run log shows its result.")
        return redirect(self.object)


class ConfirmIntegrationPage(ObjectWorkspaceMixin[Integration], ConfirmPage[Integration]):
    model = Integration

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "provider": self.object.get_provider(),
            "open_incidents": self.object.open_incidents.select_related("monitor"),
        }


class PauseIntegrationView(ConfirmIntegrationPage):
    template_name = "integrations/pause.html"

    def act(self) -> str:
        self.object.pause(close_incidents=self.request.POST.get("incidents") == "close")
        return f"{self.object} is paused and notifies nobody."


class ResumeIntegrationView(ObjectWorkspaceMixin[Integration]):
    model = Integration

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object.resume()
        messages.success(request, f"{self.object} is resumed and notifies people again from the next run on.")
        return redirect(self.object)


class DeleteIntegrationView(ConfirmIntegrationPage):
    template_name = "integrations/delete.html"

    def act(self) -> str:
        self.object.delete()
        return f"{self.object.name} was deleted."

    def get_success_url(self) -> str:
        return reverse("integrations:configured")
