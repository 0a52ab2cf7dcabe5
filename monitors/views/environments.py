"""The pages of environments."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, QuerySet, RestrictedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.generic import DetailView, FormView, ListView, View

from monitors import lateness
from monitors.environment_forms import EnvironmentForm, variable_rows
from monitors.import_forms import ImportEnvironmentForm
from monitors.importing import export_environment, import_environment, keys_with_ignored_enabled
from monitors.models import Environment
from monitors.signals import changed
from workspaces.models import Role
from workspaces.pages import WorkspaceMixin
from workspaces.views.editing import Difference, EditMixin, differences_of

NAMES_SHOWN = 10
"""In one message."""


class EnvironmentList(WorkspaceMixin, ListView):
    model = Environment
    template_name = "monitors/environment_list.html"
    paginate_by = 25

    def get_queryset(self) -> QuerySet[Environment]:
        found = Environment.objects.for_workspace(self.request.workspace).select_related("workspace")
        if words := self.request.GET.get("q", "").strip():
            found = found.filter(name__icontains=words)
        counts = {
            "variable_count": Count("variables", distinct=True),
            "monitor_count": Count("monitors", distinct=True),
        }
        return found.annotate(**counts).order_by("name")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"query": self.request.GET.get("q", "")}


class EnvironmentEditor(WorkspaceMixin, View):
    """What creating and editing have in common."""

    def environment(self) -> Environment:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        environment = self.environment()
        rows = variable_rows(environment=environment)
        return self.page(environment, EnvironmentForm(instance=environment), rows)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        environment = self.environment()
        form = EnvironmentForm(request.POST, instance=environment)
        rows = variable_rows(request.POST, environment=environment)
        if "add-row" in request.POST:  # for browsers without JavaScript: nothing is stored yet
            return self.page(environment, form, one_more(request, environment))
        if not (form.is_valid() and rows.is_valid()):
            return self.page(environment, form, rows, status=422)
        with transaction.atomic():
            form.save()
            environment.replace_variables(rows.variables())
            changed.send(sender=Environment, subject=environment, what="edited", by=str(request.user))
        messages.success(request, f"{environment} is saved. The next runs use it.")
        return redirect(environment)

    def edit_context(self) -> dict[str, Any]:
        return {}

    def page(self, environment: Environment, form: Any, rows: Any, status: int = 200) -> HttpResponse:
        context = {
            "workspace": self.request.workspace,
            "can_edit": self.request.membership.allows(Role.EDITOR),
            "environment": environment,
            "is_new": environment._state.adding,
            "form": form,
            "rows": rows,
            "monitors": lateness.with_late_regions(
                [] if environment._state.adding else environment.monitors.select_related("workspace")
            ),
        } | self.edit_context()
        return render(self.request, "monitors/environment.html", context, status=status)


def one_more(request: HttpRequest, environment: Environment) -> Any:
    """The rows as they were typed, with a blank one behind them."""
    typed = request.POST.copy()
    typed["variables-TOTAL_FORMS"] = str(variable_rows(request.POST).total_form_count() + 1)
    return variable_rows(typed, environment=environment)


class AddEnvironment(EnvironmentEditor):
    required_role_to_read = Role.EDITOR

    def environment(self) -> Environment:
        return Environment(workspace=self.request.workspace)


class EnvironmentPage(EditMixin, EnvironmentEditor):
    """Viewers read it, without the secrets; editors change it in place."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "add-row" in request.POST:
            self.edit_version = request.POST.get("version", "")
            return self.save_edit()
        return super().post(request, *args, **kwargs)

    def edited_object(self) -> Environment:
        return self.environment()

    def differences(self) -> Iterator[Difference]:
        environment = self.environment()
        yield from differences_of(EnvironmentForm(self.request.POST, instance=environment))
        rows = variable_rows(self.request.POST, environment=environment)
        stored, typed = rows.stored_in_words(), rows.typed_in_words()
        for key in dict.fromkeys([*stored, *typed]):
            if stored.get(key) != typed.get(key):
                yield Difference(f"Variable {key}", stored.get(key, "None"), typed.get(key, "None"))

    def answer_conflict(self) -> HttpResponse:
        environment = self.environment()
        form = EnvironmentForm(self.request.POST, instance=environment)
        rows = variable_rows(self.request.POST, environment=environment)
        return self.page(environment, form, rows, status=409)

    def environment(self) -> Environment:
        found: Environment = get_object_or_404(
            Environment.objects.for_workspace(self.request.workspace).select_related("workspace"),
            pk=self.kwargs["pk"],
        )
        return found


class ImportEnvironment(WorkspaceMixin, FormView):
    form_class = ImportEnvironmentForm
    template_name = "monitors/environment_import.html"
    required_role_to_read = Role.EDITOR

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def form_valid(self, form: Any) -> HttpResponse:
        environment = import_environment(self.request.workspace, form.content)
        messages.success(self.request, f"{environment} is imported.")
        if names := keys_with_ignored_enabled(form.content):
            messages.warning(self.request, switched_off_sentence(names))
        return redirect(environment)


def switched_off_sentence(names: list[str]) -> str:
    listed = ", ".join(names[:NAMES_SHOWN])
    if len(names) > NAMES_SHOWN:
        listed += f" and {len(names) - NAMES_SHOWN} more"
    return (
        f"Switched off in Postman, and used by runs all the same, as Postman's CLI does it: {listed}. "
        "Untick Enabled for those that no run must use."
    )


class ExportEnvironment(WorkspaceMixin, DetailView):
    """As a file that Postman, its CLI and Newman read; the values of secrets are left out."""

    model = Environment

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        environment = self.get_object()
        name = f"{slugify(environment.name) or 'environment'}.postman_environment.json"
        content = json.dumps(export_environment(environment), ensure_ascii=False, indent=2)
        headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
        return HttpResponse(content, content_type="application/json", headers=headers)


class DeleteEnvironment(WorkspaceMixin, DetailView):
    """Asks first; an environment that a monitor uses stays."""

    model = Environment
    template_name = "monitors/environment_delete.html"
    required_role_to_read = Role.EDITOR

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        monitors = list(self.object.monitors.select_related("workspace"))
        return super().get_context_data(**kwargs) | {
            "monitors": monitors,
            "is_blocked": bool(monitors),
            "cancel_url": self.object.get_absolute_url(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        try:
            self.object.delete()
        except RestrictedError:
            messages.error(request, f"{self.object} is used by a monitor: choose another one there first.")
            return redirect(self.object)
        messages.success(request, f"{self.object.name} is deleted.")
        return redirect("monitors:environments", self.request.workspace.slug)
