"""Postman collections as they were imported."""

import uuid
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q, RestrictedError
from django.urls import reverse

from monitors.models.changes import AnnouncesChanges
from monitors.outline import outline
from monitors.redaction import redacted
from monitors.searching import searchable_urls
from workspaces.deletion import DeletedInBackground, WithoutDeleted
from workspaces.fields import EncryptedDocumentField, is_readable
from workspaces.models import ApiKey, Membership, Role, User
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet
from workspaces.versions import Versioned


class CollectionQuerySet(WorkspaceOwnedQuerySet["Collection"]):
    def containing(self, word: str) -> Self:
        """The collections with the word in their name or in the URL of a request."""
        return self.filter(Q(name__icontains=word) | Q(request_urls__icontains=word))


KeptCollections = WithoutDeleted.from_queryset(CollectionQuerySet)


class Collection(DeletedInBackground, WorkspaceOwned, Versioned, AnnouncesChanges):
    """A collection and its name. Its versions hold the content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    source_url = models.URLField(blank=True, max_length=2000, help_text="Where it was imported from.")
    request_urls = models.TextField(
        blank=True, default="", editable=False, help_text="Of its requests, for the search for monitors."
    )
    latest = models.ForeignKey(
        "CollectionVersion", null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = KeptCollections()
    all_objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["workspace", "name"], name="collections_of_workspace")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitors:collection", args=[self.workspace.slug, self.pk])

    def edit_values(self) -> dict[str, object]:
        return {"version": self.latest_id, "address": self.source_url}

    def before_deletion(self) -> None:
        # The lock lets nobody begin to use it meanwhile.
        Collection.objects.select_for_update().filter(pk=self.pk).first()
        monitors: set[models.Model] = set(self.monitors.all())
        if monitors:
            raise RestrictedError(f"{self} is run by a monitor.", monitors)

    def why_it_is_kept(self) -> str:
        monitor = self.monitors.first()
        return f"{self} is run by {monitor}: delete the monitor first." if monitor else ""

    def is_current(self, content: dict[str, Any]) -> bool:
        """Whether its latest version holds this."""
        return self.latest is not None and self.latest.is_readable and bool(self.latest.content == content)

    @transaction.atomic
    def add_version(self, content: dict[str, Any], by: User | ApiKey | None) -> "CollectionVersion":
        """Stores `content`, a collection that the engine accepts, as the version that runs from now on.

        It is announced when it differs from the version before.
        """
        # The row lock makes two imports at once take two numbers.
        Collection.objects.select_for_update().get(pk=self.pk)
        last = self.versions.order_by("-number").values_list("number", flat=True).first() or 0
        is_change = last > 0 and not self.is_current(content)
        tree = outline(content)
        version = self.versions.create(
            number=last + 1,
            content=content,
            request_count=tree.request_count,
            created_by=by if isinstance(by, User) else None,
        )
        self.latest = version
        self.name = str(content["info"].get("name") or self.name)[:255]
        self.request_urls = searchable_urls(tree)
        self.save(update_fields=["latest", "name", "request_urls", "updated_at"])
        if is_change:
            self.announce("imported", by)
        return version


class CollectionVersion(models.Model):
    """One import of a collection. It never changes, so each run can be read with what it ran."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = EncryptedDocumentField(
        help_text="The collection's JSON, schema 2.0 or 2.1, as it was imported. It may hold secrets."
    )
    request_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.collection} v{self.number}"

    @property
    def is_readable(self) -> bool:
        """Whether an encryption key decrypts the content."""
        return is_readable(self, "content")

    def content_for(self, reader: Membership | ApiKey) -> dict[str, Any]:
        """The collection as this member or API key may read it: viewers see no secrets."""
        return self.part_for(reader, self.content)

    def part_for(self, reader: Membership | ApiKey, part: dict[str, Any]) -> dict[str, Any]:
        """A part of the content as this reader may read it."""
        return part if reader.allows(Role.EDITOR) else redacted(part)
