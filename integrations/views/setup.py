"""Adding and editing an integration, and the parts of the form that change while it is filled in."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View
from django.views.generic.base import TemplateView

from integrations.forms import IntegrationForm, workspaces_to_edit
from integrations.models import Integration
from integrations.views.access import OwnedMixin, ProviderMixin
from workspaces.models import Role, Workspace
from workspaces.views.editing import Difference, EditMixin, differences_of


class AddView(ProviderMixin, TemplateView):
    template_name = "integrations/add.html"

    def dispatch(self, request: Any, *args: object, **kwargs: object) -> HttpResponseBase:
        """A form that one may not send is not shown."""
        if request.user.is_authenticated and not workspaces_to_edit(request.user).exists():
            raise PermissionDenied(
                "The editors and owners of a workspace can add integrations. Ask an owner for that role."
            )
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        form = kwargs.get("form") or self.empty_form()
        return super().get_context_data(**kwargs) | {
            "form": form,
            "adding": True,
            "form_url": reverse("integrations:add", args=[self.provider.slug]),
            "cancel_url": reverse("integrations:provider", args=[self.provider.slug]),
        }

    def empty_form(self) -> IntegrationForm:
        workspace = self.first_workspace()
        initial: dict[str, Any] = {"workspace": workspace}
        monitor = self.request.GET.get("monitor")
        if workspace:
            initial |= {"name": f"{workspace} to {self.provider.name}", "monitor": monitor}
        return self.form(initial=initial)

    def first_workspace(self) -> Workspace | None:
        """The one that the address names, else the last that was open."""
        mine = workspaces_to_edit(self.request.user)
        named = mine.filter(slug=self.request.GET.get("workspace", "")).first()
        last = mine.filter(pk=self.request.user.last_workspace_id).first()
        first: Workspace | None = named or last or mine.first()
        return first

    def form(self, *args: object, **kwargs: object) -> IntegrationForm:
        return IntegrationForm(*args, user=self.request.user, provider=self.provider, **kwargs)

    @transaction.atomic
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        form = self.form(request.POST)
        if "list_monitors" in request.POST:
            # Without JavaScript, the list of monitors follows the workspace by this button.
            form = self.form(initial=request.POST.dict() | {"monitor": ""})
            return self.render_to_response(self.get_context_data(form=form))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        integration = form.save()
        messages.success(request, f"{integration} is set up. Send a test event to see that it works.")
        return redirect(integration)


class EditView(EditMixin, OwnedMixin[Integration], TemplateView):
    object: Integration
    model = Integration
    required_role_to_read = Role.EDITOR
    template_name = "integrations/edit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.form()
        provider = self.object.get_provider()
        return super().get_context_data(**kwargs) | {
            "form": form,
            "integration": self.object,
            "form_url": reverse("integrations:edit", args=[self.object.pk]),
            "open_count": self.object.open_incidents.count(),
            "cancel_url": self.object.get_absolute_url(),
            "provider": provider,
        }

    def form(self, *args: Any) -> IntegrationForm:
        provider = self.object.get_provider()
        return IntegrationForm(*args, instance=self.object, user=self.request.user, provider=provider)

    def edited_object(self) -> Integration:
        return self.object

    def edited_in(self) -> Workspace:
        return self.object.workspace

    def sent_form(self) -> IntegrationForm:
        self.object = get_object_or_404(self.get_queryset(), pk=self.object.pk)
        return self.form(self.request.POST)

    def differences(self) -> Iterator[Difference]:
        form = self.sent_form()
        yield from differences_of(form)
        yield from differences_of(form.config, form.config.secret_fields)

    def save_edit(self) -> HttpResponse:
        form = self.sent_form()
        if not form.is_valid():
            return self.show_again(form, status=422)
        integration = form.save()
        messages.success(self.request, f"{integration} was changed.")
        return redirect(integration)

    def answer_conflict(self) -> HttpResponse:
        form = self.sent_form()
        form.is_valid()
        return self.show_again(form, status=409)

    def show_again(self, form: IntegrationForm, status: int) -> HttpResponse:
        # The form has put what was typed into it. Read anew as a whole: reading it again needs its key.
        self.object = self.get_queryset().get(pk=self.object.pk)
        return self.render_to_response(self.get_context_data(form=form), status=status)


class MonitorChoicesView(ProviderMixin, View):
    """The list of monitors, after another workspace was chosen."""

    def get(self, request: Any, *args: object, **kwargs: object) -> HttpResponse:
        initial = {"workspace": request.GET.get("workspace")}
        form = IntegrationForm(initial=initial, user=request.user, provider=self.provider)
        context = {"form": form, "provider": self.provider}
        return render(request, "integrations/_monitor_field.html", context)


class CheckFieldView(ProviderMixin, View):
    """One field of the provider's form, checked as one leaves it, in the words of the whole form."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        form = self.provider.config_form(request.POST)
        name = kwargs["field"]
        if name not in form.fields:
            raise Http404
        # Emptied again, it is no error: while editing, the stored value stays.
        context = {"field": form[name], "given": bool(request.POST.get(name, "").strip())}
        return render(request, "integrations/_field_check.html", context)


class DelayView(ProviderMixin, View):
    """What the two counts of the form mean in minutes."""

    def get(self, request: Any, *args: object, **kwargs: object) -> HttpResponse:
        if not self.provider.opens_incidents:
            raise Http404
        form = IntegrationForm(initial=request.GET.dict(), user=request.user, provider=self.provider)
        return HttpResponse(form.delay, content_type="text/plain; charset=utf-8")
