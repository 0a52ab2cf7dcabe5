"""The pages of collections."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet, RestrictedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.views.generic import DetailView, FormView, ListView

from monitors import lateness
from monitors.import_forms import ImportCollectionForm
from monitors.importing import import_collection, url_without_secrets
from monitors.models import Collection
from monitors.outline import outline
from monitors.signals import changed
from workspaces.editing import editing, edits_since
from workspaces.models import Role
from workspaces.pages import WorkspaceMixin
from workspaces.views.editing import Difference, EditConflict

VERSIONS_SHOWN = 10
MAX_NUMBER = 2**31 - 1
"""The largest that the column of version numbers takes."""


class CollectionList(WorkspaceMixin, ListView):
    model = Collection
    template_name = "monitors/collection_list.html"
    paginate_by = 25

    def get_queryset(self) -> QuerySet[Collection]:
        found = (
            Collection.objects.for_workspace(self.request.workspace)
            .select_related("workspace", "latest")
            .defer("latest__content")
        )
        if words := self.request.GET.get("q", "").strip():
            found = found.filter(name__icontains=words)
        return found.annotate(monitor_count=Count("monitors")).order_by("name")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"query": self.request.GET.get("q", "")}


class CollectionPage(WorkspaceMixin, DetailView):
    model = Collection
    template_name = "monitors/collection.html"

    def get_queryset(self) -> QuerySet[Collection]:
        return Collection.objects.for_workspace(self.request.workspace).select_related("workspace", "latest")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        latest = self.object.latest
        content = latest.content_for(self.request.membership) if latest.is_readable else None
        versions = self.object.versions.defer("content").select_related("created_by")
        return super().get_context_data(**kwargs) | {
            "root": outline(content) if content else None,
            "versions": versions[:VERSIONS_SHOWN],
            "monitors": lateness.with_late_regions(self.object.monitors.select_related("workspace")),
        }


class CollectionVersionPage(WorkspaceMixin, DetailView):
    """One version, as runs of its time ran it, with the way to its neighbors."""

    model = Collection
    template_name = "monitors/collection_version.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = self.object.versions.select_related("created_by")
        number = self.kwargs["number"]
        version = get_object_or_404(versions, number=min(number, MAX_NUMBER))
        content = version.content_for(self.request.membership) if version.is_readable else None
        others = versions.defer("content")
        return super().get_context_data(**kwargs) | {
            "version": version,
            "root": outline(content) if content else None,
            "older": others.filter(number__lt=number).order_by("-number").first(),
            "newer": others.filter(number__gt=number).order_by("number").first(),
        }


class ImportCollection(WorkspaceMixin, FormView):
    form_class = ImportCollectionForm
    template_name = "monitors/collection_import.html"
    required_role_to_read = Role.EDITOR

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def form_valid(self, form: Any) -> HttpResponse:
        url = form.cleaned_data["url"]
        collection = import_collection(self.request.workspace, form.content, self.request.user, url)
        messages.success(self.request, f"{collection} is imported. A monitor can run it now.")
        return redirect(collection)


class ReimportCollection(ImportCollection):
    """A new version of a collection; runs keep the version that they ran."""

    @cached_property
    def collection(self) -> Collection:
        found: Collection = get_object_or_404(
            Collection.objects.for_workspace(self.request.workspace).select_related("workspace"),
            pk=self.kwargs["pk"],
        )
        return found

    def get_initial(self) -> dict[str, Any]:
        return {"url": self.collection.source_url}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            "collection": self.collection,
            "edit_version": self.request.POST.get("version") or self.collection.edit_version,
        } | super().get_context_data(**kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        # The form is valid, and what it names is downloaded, before the row is locked.
        opened, by = self.request.POST.get("version", ""), str(self.request.user)
        with editing(self.collection, self.request.workspace, by) as stored:
            if opened and opened != stored.edit_version:
                return self.answer_conflict(form, stored, opened)
            return self.store(form, stored)

    def answer_conflict(self, form: Any, stored: Any, opened: str) -> HttpResponse:
        difference = Difference("Version", f"Version {stored.latest.number}", "One more version")
        conflict = EditConflict(edits_since(stored, opened), [difference])
        context = self.get_context_data(form=form, conflict=conflict, edit_version=stored.edit_version)
        return self.render_to_response(context, status=409)

    def store(self, form: Any, collection: Any) -> HttpResponse:
        is_news = not collection.runs(form.content)
        version = collection.add_version(form.content, self.request.user)
        if url := url_without_secrets(form.cleaned_data["url"]):
            collection.source_url = url
            collection.save(update_fields=["source_url"])
        if is_news:
            changed.send(sender=Collection, subject=collection, what="imported", by=str(self.request.user))
        messages.success(self.request, f"Version {version.number} is imported. The next runs use it.")
        return redirect(collection)


class DeleteCollection(WorkspaceMixin, DetailView):
    """Asks first; a collection that a monitor runs stays."""

    model = Collection
    template_name = "monitors/collection_delete.html"
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
            messages.error(request, f"{self.object} is run by a monitor: delete the monitor first.")
            return redirect(self.object)
        messages.success(request, f"{self.object.name} is deleted.")
        return redirect("monitors:collections", self.request.workspace.slug)
