"""Adding and editing an integration, and the parts of the form that change while a person fills it in."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic.base import TemplateView

from integrations.forms import IntegrationForm
from integrations.models import Integration
from integrations.views.base import ObjectWorkspaceMixin, ProviderMixin
from workspaces.models import Role, Workspace
from workspaces.views.editing import Difference, EditMixin, differences_of


class AddIntegrationView(ProviderMixin, TemplateView):
    template_name = "integrations/add.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: str) -> HttpResponseBase:
        """Shows no form to people who may not add an integration to any workspace."""
        if request.user.is_authenticated and not self.workspaces().exists():
            raise PermissionDenied(
                "Only editors and owners of a workspace can add integrations. Ask an owner for that role."
            )
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        form = kwargs.get("form") or self.empty_form()
        return super().get_context_data(**kwargs | {"form": form}) | {
            "adding": True,
            "form_url": reverse("integrations:add", args=[self.provider.slug]),
            "cancel_url": reverse("integrations:provider", args=[self.provider.slug]),
        }

    def empty_form(self) -> IntegrationForm:
        """The form for the workspace and monitor that the URL names."""
        workspace = self.initial_workspace()
        initial: dict[str, object] = {"workspace": workspace}
        if workspace:
            name = f"{workspace} to {self.provider.name}"
            initial |= {"name": name, "monitor": self.request.GET.get("monitor")}
        return IntegrationForm(initial=initial, user=self.request.user, provider=self.provider)

    def initial_workspace(self) -> Workspace | None:
        """The workspace that the URL names, otherwise the one that the person opened last."""
        workspaces = self.workspaces()
        if named := workspaces.filter(slug=self.request.GET.get("workspace", "")).first():
            return named
        last = self.request.user.last_workspace
        return last if last in workspaces else workspaces.first()

    def workspaces(self) -> QuerySet[Workspace]:
        """The workspaces to which the person may add an integration."""
        return Workspace.objects.for_user(self.request.user, Role.EDITOR)

    def sent_form(self) -> IntegrationForm:
        return IntegrationForm(self.request.POST, user=self.request.user, provider=self.provider)

    @transaction.atomic
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "list_monitors" in request.POST:
            # Without JavaScript, this button updates the list of monitors after another workspace was chosen.
            form = IntegrationForm(
                initial=request.POST.dict() | {"monitor": ""}, user=self.request.user, provider=self.provider
            )
            return self.render_to_response(self.get_context_data(form=form))
        form = self.sent_form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        integration = form.save()
        messages.success(request, f"{integration} is set up. Send a test event to see whether it works.")
        return redirect(integration)


class EditIntegrationView(EditMixin, ObjectWorkspaceMixin[Integration], TemplateView):
    model = Integration
    required_role_to_read = Role.EDITOR
    template_name = "integrations/edit.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        form = kwargs.get("form") or self.form()
        return super().get_context_data(**kwargs | {"form": form}) | {
            "integration": self.object,
            "provider": self.object.get_provider(),
            "form_url": reverse("integrations:edit", args=[self.object.pk]),
            "open_count": self.object.open_incidents.count(),
            "cancel_url": self.object.get_absolute_url(),
        }

    def form(self, data: QueryDict | None = None) -> IntegrationForm:
        provider = self.object.get_provider()
        return IntegrationForm(data, instance=self.object, user=self.request.user, provider=provider)

    def edited_object(self) -> Integration:
        integration: Integration = self.object
        return integration

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
        # The form has changed the object. `refresh_from_db` could fail: it decrypts the configuration.
        self.object = self.get_queryset().get(pk=self.object.pk)
        return self.render_to_response(self.get_context_data(form=form), status=status)


class MonitorChoicesView(ProviderMixin):
    """The form's list of monitors, after another workspace was chosen."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        initial = {"workspace": request.GET.get("workspace")}
        form = IntegrationForm(initial=initial, user=self.request.user, provider=self.provider)
        return render(request, "integrations/_monitor_field.html", {"form": form, "provider": self.provider})


class CheckFieldView(ProviderMixin):
    """Checks one field of the provider's form, as soon as the person leaves it."""

    def post(self, request: HttpRequest, *args: object, **kwargs: str) -> HttpResponse:
        form = self.provider.config_form(request.POST)
        name = kwargs["field"]
        if name not in form.fields:
            raise Http404
        # An empty field is no error: while editing, it keeps the stored value.
        context = {"field": form[name], "is_filled": bool(request.POST.get(name, "").strip())}
        return render(request, "integrations/_field_check.html", context)


class DelayView(ProviderMixin):
    """How long it takes until the form's two counts page somebody and close the incident, in a sentence."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not self.provider.opens_incidents:
            raise Http404
        form = IntegrationForm(initial=request.GET.dict(), user=self.request.user, provider=self.provider)
        return HttpResponse(form.delay, content_type="text/plain; charset=utf-8")
