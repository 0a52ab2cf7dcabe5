"""What pages share: those of collections and environments, and forms that show what will happen."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import RestrictedError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import FormView, View

from monitors import lateness
from monitors.filters import NameFilter
from monitors.forms.imports import ImportForm
from monitors.models import Collection, Environment, Monitor
from workspaces.pages import DeletePage, FormPage, ListPage, Refused, WorkspaceMixin

Part = TypeVar("Part", Collection, Environment)

MONITORS_SHOWN = 20


@dataclass(frozen=True)
class UsedBy:
    """The monitors that use a collection or an environment."""

    monitors: list[Monitor]
    """The first ones by name."""
    total: int
    url: str
    """Where all are listed."""


def used_by(part: Collection | Environment) -> UsedBy:
    """By three queries, however many there are."""
    monitors = part.monitors.select_related("workspace").order_by("name")[:MONITORS_SHOWN]
    all_of_them = reverse("monitors:monitors", args=[part.workspace.slug])
    return UsedBy(
        lateness.with_late_regions(monitors),
        part.monitors.count(),
        f"{all_of_them}?{part._meta.model_name}={part.pk}",
    )


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
        users = used_by(self.object)
        return super().get_context_data(**kwargs) | {"used_by": users, "is_blocked": users.total > 0}

    def act(self) -> str:
        try:
            return super().act()
        except RestrictedError:
            raise Refused(f"{self.object} {self.refusal}")
