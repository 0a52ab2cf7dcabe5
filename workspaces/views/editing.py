"""Pages with an edit form. A save that would undo somebody else's change is not stored; both values show."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.forms import BaseForm, BoundField
from django.http import HttpRequest, HttpResponse

from workspaces.editing import editing, edits_since
from workspaces.models import Edit
from workspaces.pages import RoleRequiredMixin
from workspaces.versions import Versioned

MAX_SHOWN = 300
"""Characters of a value, such as a certificate."""


@dataclass(frozen=True)
class Difference:
    """A field whose stored value is not what was typed."""

    label: str
    stored: str
    typed: str


@dataclass(frozen=True)
class EditConflict:
    edits: Sequence[Edit]
    """What others changed since the form was opened; empty where it is not known who did."""
    differences: Sequence[Difference]


class EditMixin(RoleRequiredMixin):
    """A page whose form changes one object.

    The form carries the version of what it shows (workspaces/_edit_version.html). When somebody else saved in
    the meantime, nothing is stored: the form comes again with both values, and with the new version, so that
    saving it once more keeps one's own.
    """

    edit_version: str
    conflict: EditConflict | None = None

    def edited_object(self) -> Versioned:
        """What the form changes. Raises Http404 for what the person may not see."""
        found: Versioned = self.get_object()  # type: ignore[attr-defined]
        return found

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Before the form loads its values: a change in between is then noticed when it is saved.
        self.edit_version = self.edited_object().edit_version
        response: HttpResponse = super().get(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        with editing(self.edited_object(), self.request.workspace, by=str(request.user)) as stored:
            opened, self.edit_version = request.POST.get("version", ""), stored.edit_version
            if opened and opened != stored.edit_version and (differences := list(self.differences())):
                self.conflict = EditConflict(edits_since(stored, opened), differences)
                return self.answer_conflict()
            return self.save_edit()

    def save_edit(self) -> HttpResponse:
        """Saves what was sent, as the page would without the check."""
        response: HttpResponse = super().post(self.request, **self.kwargs)  # type: ignore[misc]
        return response

    def differences(self) -> Iterable[Difference]:
        """Between what is stored and what was sent."""
        return differences_of(self.sent_form())

    def sent_form(self) -> BaseForm:
        """The form with what was sent, bound to what is stored now."""
        if hasattr(self, "get_object"):
            self.object = self.get_object()
        form: BaseForm = self.get_form()  # type: ignore[attr-defined]
        return form

    def answer_conflict(self) -> HttpResponse:
        response: HttpResponse = self.form_invalid(self.sent_form())  # type: ignore[attr-defined]
        response.status_code = 409
        return response

    def edit_context(self) -> dict[str, object]:
        return {"edit_version": self.edit_version, "conflict": self.conflict}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | self.edit_context()


def differences_of(form: BaseForm, secrets: Iterable[str] = ()) -> Iterator[Difference]:
    """The fields of a bound form that differ from the object."""
    for name in form.changed_data:
        field = form[name]
        if name in secrets:
            yield Difference(str(field.label), "A stored secret", "A new secret")
            continue
        stored, typed = displayed_value(field, field.initial), displayed_value(field, field.data)
        if stored != typed and not field.is_hidden:
            yield Difference(str(field.label), stored, typed)


def displayed_value(field: BoundField, value: object) -> str:
    """A field's value as a person reads it."""
    if isinstance(value, bool):
        return "On" if value else "Off"
    value = field.field.prepare_value(value)
    labels = {str(key): str(label) for key, label in flat_choices(field)}
    values = value if isinstance(value, list | tuple) else [value]
    words = ", ".join(labels.get(one := as_typed(item), one) for item in values)
    return words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]}…"


def as_typed(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M}"
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def flat_choices(field: BoundField) -> Iterator[tuple[object, object]]:
    for key, label in getattr(field.field, "choices", ()):
        if isinstance(label, list | tuple):
            yield from label
        elif key != "":
            yield key, label
