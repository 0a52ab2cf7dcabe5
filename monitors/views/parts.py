"""Collections and environments, which monitors are made of: what their pages share."""

from typing import TypeVar

from django.db.models import RestrictedError
from django.http import HttpResponse
from django.views.generic import FormView

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
