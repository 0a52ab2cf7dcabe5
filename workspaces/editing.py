"""Two people edit the same thing: the second learns what the first changed instead of undoing it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from workspaces.models import Edit, Workspace
from workspaces.versions import Versioned

KEPT_FOR = timedelta(days=30)
MAX_EDITS_KEPT = 50
"""Of one thing, so that a script that changes it every second fills no table."""
MAX_NAMES_KEPT = 10

V = TypeVar("V", bound=Versioned)


@contextmanager
def editing(found: V, workspace: Workspace, by: str) -> Iterator[V]:
    """Gives the row as it is now, locked until the block ends, and keeps who changed what of it."""
    with transaction.atomic():
        row = locked_or_404(found)
        version, values = row.edit_version, row.edit_values()
        yield row
        after = type(row)._default_manager.filter(pk=row.pk).first()
        if after is not None and after.edit_version != version:
            keep_edit(after, workspace, version, changed_names(values, after.edit_values()), by)


def locked_or_404(found: V) -> V:
    try:
        return found.locked()
    except type(found).DoesNotExist:
        raise Http404


def changed_names(before: dict[str, object], after: dict[str, object]) -> list[str]:
    names = [*after, *(name for name in before if name not in after)]
    missing = object()
    changed = [name for name in names if before.get(name, missing) != after.get(name, missing)]
    more = len(changed) - MAX_NAMES_KEPT
    return changed if more <= 0 else [*changed[:MAX_NAMES_KEPT], f"{more} more"]


def keep_edit(row: Versioned, workspace: Workspace, before: str, what: list[str], by: str) -> None:
    subject = subject_of(row)
    Edit.objects.create(workspace=workspace, subject=subject, before=before, what=what, by=by[:255])
    old = Edit.objects.filter(subject=subject).order_by("-pk").values_list("pk", flat=True)
    Edit.objects.filter(pk__in=list(old[MAX_EDITS_KEPT:])).delete()
    Edit.objects.filter(workspace=workspace, at__lt=timezone.now() - KEPT_FOR).delete()


def subject_of(row: Versioned) -> str:
    return f"{row._meta.label_lower} {row.pk}"


def edits_since(row: Versioned, version: str) -> list[Edit]:
    """What was changed after `version`, oldest first; empty where neither a form nor the API did it."""
    edits = list(Edit.objects.filter(subject=subject_of(row)).order_by("pk"))
    starts = [place for place, edit in enumerate(edits) if edit.before == version]
    return edits[starts[-1] :] if starts else []


def sentence_of(edits: Sequence[Edit]) -> str:
    """ "Ada changed name, tags at 2030-01-31T22:00:00Z." """
    if not edits:
        return "It was changed meanwhile."
    return " ".join(
        f"{edit.by} changed {', '.join(edit.what)} at {edit.at:%Y-%m-%dT%H:%M:%SZ}." for edit in edits
    )
