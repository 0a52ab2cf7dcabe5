from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from monitors import importing
from monitors.filters import NameFilter
from monitors.models import Collection, CollectionVersion
from workspaces.api import KnownFieldsMixin, WorkspaceField, WorkspaceModelViewSet


@extend_schema_field(OpenApiTypes.OBJECT)
class CollectionContentField(serializers.Field[dict[str, object], object, object, object]):
    """A Postman collection of schema 2.0 or 2.1, as Postman exports it."""

    def to_internal_value(self, data: object) -> dict[str, object]:
        try:
            return importing.check_collection(data)
        except importing.ImportRefused as problem:
            raise serializers.ValidationError(str(problem))


class CollectionSerializer(KnownFieldsMixin, serializers.ModelSerializer[Collection]):
    """`collection` holds Postman's JSON; the name is taken from it."""

    workspace = WorkspaceField()
    version = serializers.IntegerField(source="latest.number", read_only=True)
    collection = CollectionContentField(write_only=True)

    class Meta:
        model = Collection
        fields = [
            "id",
            "workspace",
            "name",
            "version",
            "source_url",
            "created_at",
            "updated_at",
            "collection",
        ]
        read_only_fields = ["name", "source_url"]

    instead = {"name": "The name is taken from the collection: change name in its info."}
    never_ignored = ("name",)

    def unchanged(self, name: str, data: Mapping[str, Any]) -> list[object]:
        """A name may stand beside the collection that brings it, in the wrapping of Postman's API too."""
        if name != "name" or not isinstance(content := data.get("collection"), dict):
            return super().unchanged(name, data)
        inner = content.get("collection", content)
        info = inner.get("info") if isinstance(inner, dict) else None
        return [*super().unchanged(name, data), info.get("name") if isinstance(info, dict) else None]

    def create(self, validated_data: dict[str, Any]) -> Collection:
        return importing.import_collection(validated_data["workspace"], validated_data["collection"], by=None)

    def update(self, instance: Collection, validated_data: dict[str, Any]) -> Collection:
        instance.add_version(validated_data["collection"], by=self.context["request"].auth)
        return instance


class CollectionDetailSerializer(CollectionSerializer):
    """For a viewer's key `collection` comes without the secrets that stand in it."""

    collection: Any = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_collection(self, collection: Collection) -> dict[str, object]:
        assert collection.latest is not None
        return collection.latest.content_for(self.context["request"].auth)


class CollectionVersionSerializer(serializers.ModelSerializer[CollectionVersion]):
    version = serializers.IntegerField(source="number")

    class Meta:
        model = CollectionVersion
        fields = ["version", "created_at"]


class CollectionVersionDetailSerializer(CollectionVersionSerializer):
    """For a viewer's key `collection` comes without the secrets that stand in it."""

    collection = serializers.SerializerMethodField()

    class Meta(CollectionVersionSerializer.Meta):
        fields = [*CollectionVersionSerializer.Meta.fields, "collection"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_collection(self, version: CollectionVersion) -> dict[str, object]:
        return version.content_for(self.context["request"].auth)


@extend_schema_view(update=extend_schema(description="Stores a new version, which runs from now on."))
class CollectionViewSet(WorkspaceModelViewSet[Collection]):
    """Postman collections; each change of one is kept as a version."""

    queryset = Collection.objects.select_related("workspace", "latest")
    serializer_class = CollectionSerializer
    filterset_class = NameFilter
    http_method_names = ["get", "head", "options", "post", "put", "delete"]

    def get_queryset(self) -> QuerySet[Collection]:
        collections = super().get_queryset()
        # A collection may have megabytes.
        return collections if self.action == "retrieve" else collections.defer("latest__content")

    def get_serializer_class(self) -> type[CollectionSerializer]:
        return CollectionDetailSerializer if self.action == "retrieve" else CollectionSerializer

    @extend_schema(responses=CollectionVersionSerializer(many=True), filters=False)
    @action(detail=True, parameters=("page", "page_size"))
    def versions(self, request: Request, pk: str) -> Response:
        return self.page_of(self.get_object().versions.defer("content"), CollectionVersionSerializer)

    @extend_schema(
        parameters=[OpenApiParameter("number", int, OpenApiParameter.PATH)],
        responses=CollectionVersionDetailSerializer,
    )
    @action(detail=True, url_path="versions/(?P<number>[0-9]{1,9})")
    def version(self, request: Request, pk: str, number: str) -> Response:
        """One version with its content, as runs of that time ran it."""
        found = self.get_object().versions.filter(number=int(number)).first()
        if found is None:
            raise NotFound(f"This collection has no version {number}.")
        context = self.get_serializer_context()
        return Response(CollectionVersionDetailSerializer(found, context=context).data)
