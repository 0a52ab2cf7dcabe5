"""The pages of environments."""

import json
from collections.abc import Iterator

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.generic import DetailView

from monitors.forms.environments import BaseVariables, EnvironmentForm, variable_rows
from monitors.forms.imports import ImportEnvironmentForm, ImportForm
from monitors.importing import export_environment, import_environment, keys_with_ignored_enabled
from monitors.models import Environment
from monitors.views.parts import DeletePartPage, ImportPage, PartListPage, used_by
from workspaces.models import Role
from workspaces.pages import WorkspaceMixin
from workspaces.views.editing import Difference, EditMixin, differences_of

NAMES_SHOWN = 10
"""In one message."""


class EnvironmentListView(PartListPage[Environment]):
    model = Environment
    template_name = "monitors/environments/list.html"
    search_label = "Search environments"
    none_found = "No environment matches."

    def get_queryset(self) -> QuerySet[Environment]:
        environments: QuerySet[Environment] = super().get_queryset().select_related("workspace")
        return environments.annotate(
            variable_count=Count("variables", distinct=True),
            monitor_count=Count("monitors", distinct=True),
        )


class EnvironmentFormPage(WorkspaceMixin):
    """A form with a row for each variable: what adding and editing share."""

    template_name = "monitors/environments/environment.html"

    def environment(self) -> Environment:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        environment = self.environment()
        rows = variable_rows(environment=environment)
        return self.page(environment, EnvironmentForm(instance=environment), rows)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        environment = self.environment()
        form = EnvironmentForm(request.POST, instance=environment)
        rows = variable_rows(request.POST, environment=environment)
        if "add-row" in request.POST:  # for browsers without JavaScript: nothing is stored yet
            return self.page(environment, form, with_blank_row(request, environment))
        if not (form.is_valid() and rows.is_valid()):
            return self.page(environment, form, rows, status=422)
        with transaction.atomic():
            form.save()
            environment.replace_variables(rows.variables(), by=request.user)
        messages.success(request, f"{environment} is saved. The next runs use it.")
        return redirect(environment)

    def page(
        self, environment: Environment, form: EnvironmentForm, rows: BaseVariables, status: int = 200
    ) -> HttpResponse:
        context = self.get_context_data() | {
            "environment": environment,
            "is_new": environment._state.adding,
            "form": form,
            "rows": rows,
            "used_by": None if environment._state.adding else used_by(environment),
        }
        return self.render_to_response(context, status=status)


def with_blank_row(request: HttpRequest, environment: Environment) -> BaseVariables:
    """The rows as they were typed, with a blank one behind them."""
    typed = request.POST.copy()
    typed["variables-TOTAL_FORMS"] = str(variable_rows(request.POST).total_form_count() + 1)
    return variable_rows(typed, environment=environment)


class AddEnvironmentView(EnvironmentFormPage):
    required_role_to_read = Role.EDITOR

    def environment(self) -> Environment:
        return Environment(workspace=self.request.workspace)


class EnvironmentView(EditMixin, EnvironmentFormPage):
    """Viewers read it, without the secrets; editors change it in place."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
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
        environments = Environment.objects.for_workspace(self.request.workspace).select_related("workspace")
        return get_object_or_404(environments, pk=self.kwargs["pk"])


class ImportEnvironmentView(ImportPage):
    parent = "monitors:environments"
    form_class = ImportEnvironmentForm
    template_name = "monitors/environments/import.html"

    def form_valid(self, form: ImportForm) -> HttpResponse:
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
        f"Disabled in Postman, but runs use them, as Postman's CLI does: {listed}. "
        "Clear Enabled for the ones that no run should use."
    )


class ExportEnvironmentView(WorkspaceMixin, DetailView[Environment]):
    """A file that Postman, its CLI and Newman read, without the values of secrets."""

    model = Environment

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        environment = self.get_object()
        name = f"{slugify(environment.name) or 'environment'}.postman_environment.json"
        content = json.dumps(export_environment(environment), ensure_ascii=False, indent=2)
        headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
        return HttpResponse(content, content_type="application/json", headers=headers)


class DeleteEnvironmentView(DeletePartPage[Environment]):
    model = Environment
    template_name = "monitors/environments/delete.html"
    success_page = "monitors:environments"
    refusal = "is used by a monitor: choose another one there first."
