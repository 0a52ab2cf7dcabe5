"""What pages share: those of collections and environments, and forms that show what will happen."""

from typing import Any, TypeVar

from django.db.models import RestrictedError
from django.http import HttpRequest, HttpResponse
from django.views.generic import FormView, View

from monitors.filters import NameFilter
from monitors.forms.imports import ImportForm
from monitors.models import Collection, Environment
from workspaces.pages import DeletePage, FormPage, ListPage, Refused, WorkspaceMixin

Part = TypeVar("Part", Collection, Environment)


class PartListPage(WorkspaceMixin, ListPage[Part]):
    filterset_class = NameFilter
    ordering = "name"


class ImportPage(WorkspaceMixin, FormPage[ImportForm], FormView[ImportForm]):
    """Takes the JSON of Postman as a file, by URL or pasted."""

    def form_valid(self, form: ImportForm) -> HttpResponse:
        raise NotImplementedError


class PreviewButtonMixin(View):
    """A form page with a button that shows what will happen and stores nothing, for who has no JavaScript."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        page: Any = self
        if "preview" not in request.POST:
            response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
            return response
        page.object = page.get_object() if "pk" in self.kwargs else None
        shown: HttpResponse = page.render_to_response(page.get_context_data(form=page.get_form()))
        return shown


class DeletePartPage(WorkspaceMixin, DeletePage[Part]):
    """What a monitor uses cannot be deleted."""

    refusal: str
    """Ends the sentence that says why, after the name."""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        monitors = list(self.object.monitors.select_related("workspace"))
        return super().get_context_data(**kwargs) | {"monitors": monitors, "is_blocked": bool(monitors)}

    def act(self) -> str:
        try:
            return super().act()
        except RestrictedError:
            raise Refused(f"{self.object} {self.refusal}")
