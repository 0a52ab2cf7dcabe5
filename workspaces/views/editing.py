"""Pages with an edit form: a save that would undo somebody else's change comes back with both values."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import BaseForm, BoundField
from django.http import HttpRequest, HttpResponse

from workspaces.editing import editing, edits_since
from workspaces.models import Edit, Workspace
from workspaces.versions import Versioned

MAX_SHOWN = 300
"""Characters of a value, such as a certificate."""


@dataclass(frozen=True)
class Difference:
    """A field that is stored otherwise than it was typed."""

    label: str
    stored: str
    typed: str


@dataclass(frozen=True)
class EditConflict:
    edits: Sequence[Edit]
    """What others changed since the form was opened; empty where nobody is known to have done it."""
    differences: Sequence[Difference]


class EditMixin:
    """A page whose form changes one object.

    The form carries the version of what it shows (workspaces/_edit_version.html). When somebody else saved in
    the meantime, nothing is stored: the form comes again with both values, and with the new version, so that
    saving it once more keeps one's own.
    """

    request: Any
    kwargs: Any
    edit_version: str
    conflict: EditConflict | None = None

    def edited_object(self) -> Any:
        """What the form changes, among what the person may see."""
        found: Versioned = self.get_object()  # type: ignore[attr-defined]
        return found

    def edited_in(self) -> Workspace:
        workspace: Workspace = self.request.workspace
        return workspace

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Before the form loads its values: a change in between is then noticed when it is saved.
        self.edit_version = self.edited_object().edit_version
        response: HttpResponse = super().get(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        with editing(self.edited_object(), self.edited_in(), by=str(request.user)) as stored:
            opened, self.edit_version = request.POST.get("version", ""), stored.edit_version
            if opened and opened != stored.edit_version and (differences := list(self.differences())):
                self.conflict = EditConflict(edits_since(stored, opened), differences)
                return self.answer_conflict()
            return self.save_edit()

    def save_edit(self) -> HttpResponse:
        """Takes what was sent, as the page would without a check."""
        response: HttpResponse = super().post(self.request, **self.kwargs)  # type: ignore[misc]
        return response

    def differences(self) -> Iterable[Difference]:
        """Between what is stored and what was sent."""
        return differences_of(self.sent_form())

    def sent_form(self) -> Any:
        """The form with what was sent, upon what is stored now."""
        if hasattr(self, "get_object"):
            self.object = self.get_object()
        return self.get_form()  # type: ignore[attr-defined]

    def answer_conflict(self) -> HttpResponse:
        response: HttpResponse = self.form_invalid(self.sent_form())  # type: ignore[attr-defined]
        response.status_code = 409
        return response

    def edit_context(self) -> dict[str, Any]:
        return {"edit_version": self.edit_version, "conflict": self.conflict}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context: dict[str, object] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | self.edit_context()


def differences_of(form: BaseForm, secrets: Iterable[str] = ()) -> Iterator[Difference]:
    """Of the fields of a bound form that are not as the object has them."""
    for name in form.changed_data:
        field = form[name]
        if name in secrets:
            yield Difference(str(field.label), "A stored secret", "A new secret")
            continue
        stored, typed = in_words(field, field.initial), in_words(field, field.data)
        if stored != typed and not field.is_hidden:
            yield Difference(str(field.label), stored, typed)


def in_words(field: BoundField, value: Any) -> str:
    """A field's value as a person reads it."""
    if isinstance(value, bool):
        return "On" if value else "Off"
    value = field.field.prepare_value(value)
    labels = {str(key): str(label) for key, label in flat_choices(field)}
    values = value if isinstance(value, list | tuple) else [value]
    words = ", ".join(labels.get(one := as_typed(item), one) for item in values)
    return words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]}…"


def as_typed(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M}"
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def flat_choices(field: BoundField) -> Iterator[tuple[Any, Any]]:
    for key, label in getattr(field.field, "choices", ()):
        if isinstance(label, list | tuple):
            yield from label
        elif key != "":
            yield key, label
