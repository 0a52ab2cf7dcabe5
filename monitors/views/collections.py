"""The pages of collections."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.views.generic import DetailView

from monitors.forms.imports import ImportCollectionForm, ImportForm
from monitors.importing import import_collection, url_without_secrets
from monitors.models import Collection, CollectionVersion
from monitors.outline import outline
from monitors.outline_parts import NoSuchPart, is_small, opened_at, part_at
from monitors.runner import CollectionError
from monitors.views.parts import DeletePartPage, ImportPage, PartListPage, used_by
from workspaces.editing import editing, edits_since
from workspaces.numbers import number_in
from workspaces.pages import WorkspaceMixin
from workspaces.views.editing import Difference, EditConflict

VERSIONS_SHOWN = 10
MAX_NUMBER = 2**31 - 1
"""The largest that the column of version numbers takes."""


class CollectionListView(PartListPage[Collection]):
    model = Collection
    template_name = "monitors/collections/list.html"
    search_label = "Search collections"
    none_found = "No collection matches."

    def get_queryset(self) -> QuerySet[Collection]:
        collections: QuerySet[Collection] = super().get_queryset().select_related("workspace", "latest")
        return collections.defer("latest__content").annotate(monitor_count=Count("monitors"))


class TreePage(WorkspaceMixin, DetailView[Collection]):
    """A page with the folders and requests of one version.

    A small collection is shown as a whole. Of a large one, folders and requests are loaded when they are
    opened: `at` is the address of one, and `from` is where the list of a folder begins. htmx is given that
    part alone.
    """

    model = Collection
    queryset = Collection.objects.select_related("workspace", "latest")

    def version(self) -> CollectionVersion:
        raise NotImplementedError

    def render_to_response(self, context: dict[str, object], **kwargs: Any) -> HttpResponse:
        if self.request.htmx and context.get("part"):
            return render(self.request, "monitors/collections/_part.html", context)
        return super().render_to_response(context, **kwargs)

    def tree(self, version: CollectionVersion) -> dict[str, object]:
        """`root`, the node of the collection, and `problem`, why a version that can be decrypted has none.

        A version may be older than a limit that it exceeds.
        """
        if not version.is_readable:
            return {"root": None, "problem": ""}
        try:
            return {"problem": "", **self.shown_part(version)}
        except CollectionError as problem:
            return {"root": None, "problem": str(problem)}
        except NoSuchPart:
            raise Http404

    def shown_part(self, version: CollectionVersion) -> dict[str, object]:
        given, reader = self.request.GET, self.request.membership
        if is_small(version.content):
            return {"root": outline(version.content_for(reader))}
        redact = partial(version.part_for, reader)
        address, start = given.get("at", ""), number_in(given.get("from", "")) or 0
        if self.request.htmx:
            return {"root": None, "part": part_at(version.content, address, start, redact)}
        return {"root": opened_at(version.content, address, start, redact)}


class CollectionView(TreePage):
    template_name = "monitors/collections/collection.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        latest = self.object.latest
        assert latest is not None, "A collection is stored with its first version."
        versions = self.object.versions.defer("content").select_related("created_by")
        return super().get_context_data(**kwargs) | {
            **self.tree(latest),
            "versions": versions[:VERSIONS_SHOWN],
            "used_by": used_by(self.object),
        }


class CollectionVersionView(TreePage):
    """One version, as runs of its time ran it, with links to its neighbors."""

    template_name = "monitors/collections/version.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        versions = self.object.versions.select_related("created_by")
        number = self.kwargs["number"]
        version = get_object_or_404(versions, number=min(number, MAX_NUMBER))
        others = versions.defer("content")
        return super().get_context_data(**kwargs) | {
            "version": version,
            **self.tree(version),
            "older": others.filter(number__lt=number).order_by("-number").first(),
            "newer": others.filter(number__gt=number).order_by("number").first(),
        }


class ImportCollectionView(ImportPage):
    parent = "monitors:collections"
    form_class = ImportCollectionForm
    template_name = "monitors/collections/import.html"

    def form_valid(self, form: ImportForm) -> HttpResponse:
        url = form.cleaned_data["url"]
        collection = import_collection(self.request.workspace, form.content, self.request.user, url)
        messages.success(self.request, f"{collection} is imported. A monitor can run it now.")
        return redirect(collection)


class ReimportCollectionView(ImportCollectionView):
    """A new version of a collection; runs keep the version that they ran."""

    @cached_property
    def collection(self) -> Collection:
        collections = Collection.objects.for_workspace(self.request.workspace).select_related("workspace")
        return get_object_or_404(collections, pk=self.kwargs["pk"])

    def get_initial(self) -> dict[str, object]:
        return {"url": self.collection.source_url}

    def get_cancel_url(self) -> str:
        return self.collection.get_absolute_url()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return {
            "collection": self.collection,
            "edit_version": self.request.POST.get("version") or self.collection.edit_version,
        } | super().get_context_data(**kwargs)

    def form_valid(self, form: ImportForm) -> HttpResponse:
        # The form is valid, and what it names is downloaded, before the row is locked.
        opened, by = self.request.POST.get("version", ""), str(self.request.user)
        with editing(self.collection, self.request.workspace, by) as stored:
            if opened and opened != stored.edit_version:
                return self.answer_conflict(form, stored, opened)
            return self.store(form, stored)

    def answer_conflict(self, form: ImportForm, stored: Collection, opened: str) -> HttpResponse:
        assert stored.latest is not None
        difference = Difference("Version", f"Version {stored.latest.number}", "One more version")
        conflict = EditConflict(edits_since(stored, opened), [difference])
        context = self.get_context_data(form=form, conflict=conflict, edit_version=stored.edit_version)
        return self.render_to_response(context, status=409)

    def store(self, form: ImportForm, collection: Collection) -> HttpResponse:
        version = collection.add_version(form.content, by=self.request.user)
        if url := url_without_secrets(form.cleaned_data["url"]):
            collection.source_url = url
            collection.save(update_fields=["source_url"])
        messages.success(self.request, f"Version {version.number} is imported. The next runs use it.")
        return redirect(collection)


class DeleteCollectionView(DeletePartPage[Collection]):
    model = Collection
    template_name = "monitors/collections/delete.html"
    success_page = "monitors:collections"
    refusal = "is run by a monitor: delete the monitor first."
