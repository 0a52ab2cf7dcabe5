"""Base classes of the REST API: view sets scoped to the key's workspace, and serializer fields."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NoReturn, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.db.models import Model, QuerySet, RestrictedError
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotAuthenticated, NotFound, ParseError
from rest_framework.relations import MANY_RELATION_KWARGS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import exception_handler
from rest_framework.viewsets import GenericViewSet, ModelViewSet

from workspaces.editing import editing, locked_or_404
from workspaces.fields import SecretUnreadable
from workspaces.models import ApiKey, Workspace
from workspaces.preconditions import check_if_match, etag_of
from workspaces.query_parameters import KnownParametersMixin
from workspaces.tenancy import M, scoped
from workspaces.versions import Versioned

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Model)
V = TypeVar("V", bound=Versioned)

MAX_QUOTED = 100
"""Characters of a given value that an error quotes."""
MAX_USERS_NAMED = 10
"""How many objects an error names that keep another one from being deleted."""


MAX_UNKNOWN_FIELDS = 20
"""How many unknown fields an error names."""

MAX_RELATED = 1000
"""How many ids a list may hold. Each of them is looked up."""


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class TooManyRequests(APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_many_requests"
    wait = 30
    """Seconds, for the header Retry-After."""


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "This body is larger than 20 MB."
    default_code = "too_large"


class Unreadable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unreadable"


def answer_error(error: Exception, context: dict[str, object]) -> Response | None:
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
    if isinstance(error, SecretUnreadable):
        log.error("%s", error)
        error = Unreadable(str(error))
    return exception_handler(error, context)


class WorkspaceViewSet(KnownParametersMixin, GenericViewSet[M]):
    """Views of a model. Only the rows of the key's workspace exist for them."""

    takes_body: ClassVar[bool] = False
    """Actions that accept a body pass `takes_body=True` to @action."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        is_bare = request.method == "POST" and self.action != "create" and not self.takes_body
        if is_bare and request.data:
            raise ParseError("This URL takes no request body. Send none.")

    def key(self) -> ApiKey:
        key = self.request.auth
        assert isinstance(key, ApiKey), "HasApiKeyRole lets nothing else in."
        return key

    def get_queryset(self) -> QuerySet[M]:
        rows = super().get_queryset()
        # The OpenAPI document is made without a key.
        is_documenting = getattr(self, "swagger_fake_view", False)
        return rows.none() if is_documenting else scoped(rows, self.key().workspace)

    def get_object(self) -> M:
        try:
            found = super().get_object()
        except Http404:
            raise NotFound(
                f"There is no {name_of(self.get_queryset().model)} with this id in this workspace."
            )
        check_if_match(self.request, found)
        return found

    def page_of(self, rows: QuerySet[R], serializer_class: type[serializers.ModelSerializer[R]]) -> Response:
        """One page of rows of another model, such as the versions of a collection."""
        assert self.paginator is not None
        page = self.paginator.paginate_queryset(rows, self.request, view=self)
        return self.get_paginated_response(serializer_class(page, many=True).data)

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> NoReturn:
        if request.auth is None:
            raise NotAuthenticated("Send an API key of your workspace in the X-Api-Key header.")
        super().permission_denied(request, message, code)


class WorkspaceModelViewSet(ModelViewSet[V], WorkspaceViewSet[V]):
    """A view set of objects that people edit. Each response has the version of its object as ETag.

    The body is read before the row is locked, so that a client that sends it slowly blocks nobody.
    """

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        found = self.get_object()
        return Response(self.get_serializer(found).data, headers={"ETag": etag_of(found)})

    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        _ = request.data
        with transaction.atomic():
            response = super().create(request, *args, **kwargs)
            response["ETag"] = self.stored_etag(response.data["id"])
        return response

    def update(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Full or partial update. The row is read and If-Match is checked once more under the lock."""
        _ = request.data
        found = self.get_object()
        with editing(found, self.key().workspace, by=str(self.key())):
            response = super().update(request, *args, **kwargs)
            response["ETag"] = self.stored_etag(found.pk)
        return response

    def destroy(self, request: Request, *args: object, **kwargs: object) -> Response:
        if "If-Match" not in request.headers:
            return super().destroy(request, *args, **kwargs)
        with transaction.atomic():
            locked_or_404(self.get_object())
            return super().destroy(request, *args, **kwargs)

    def stored_etag(self, pk: object) -> str:
        return etag_of(self.get_queryset().get(pk=pk))

    def perform_destroy(self, instance: Model) -> None:
        try:
            instance.delete()
        except RestrictedError as problem:
            raise Conflict(still_in_use(problem.restricted_objects, name_of(type(instance))))


def still_in_use(users: Iterable[Model], what: str) -> str:
    names = sorted(f"“{user}”" for user in users)
    listed = ", ".join(names[:MAX_USERS_NAMED])
    if len(names) == 1:
        return f"{listed} still uses this {what}: change or delete that first."
    more = f" and {len(names) - MAX_USERS_NAMED} more" if len(names) > MAX_USERS_NAMED else ""
    return f"{listed}{more} still use this {what}: change or delete those first."


def name_of(model: type[Model]) -> str:
    return str(model._meta.verbose_name)


# Django REST framework's messages name types of Python; clients know those of JSON.
for _list_field in (serializers.ListField, serializers.ListSerializer, serializers.ManyRelatedField):
    _list_field.default_error_messages = _list_field.default_error_messages | {
        "not_a_list": "This must be a JSON list."
    }
serializers.Serializer.default_error_messages = serializers.Serializer.default_error_messages | {
    "invalid": "This must be a JSON object."
}


class ChoiceField(serializers.ChoiceField):
    """Its error quotes the given value as JSON and names the choices."""

    default_error_messages = {"invalid_choice": "{input} is not a valid choice. Known: {choices}."}

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        given = json.dumps(kwargs.get("input"), ensure_ascii=False)
        quoted = given if len(given) <= MAX_QUOTED else f"{given[:MAX_QUOTED]}…"
        choices = ", ".join(str(choice) for choice in self.choices if choice != "")
        super().fail(key, **kwargs | {"input": quoted, "choices": choices})


# This is a comment because a docstring would describe each serializer in the OpenAPI document.
# Unknown fields are rejected, since a mistyped option would otherwise be ignored. Read-only fields are
# rejected as well, unless the client sends back a complete response of GET.
class KnownFieldsMixin(serializers.Serializer[Any]):
    serializer_choice_field: Any = ChoiceField

    instead: ClassVar[dict[str, str]] = {}
    never_ignored: ClassVar[tuple[str, ...]] = ()

    def to_internal_value(self, data: object) -> Any:
        if isinstance(data, Mapping):
            known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
            unknown = sorted(str(name) for name in data if name not in self.fields)
            problems = dict.fromkeys(unknown[:MAX_UNKNOWN_FIELDS], f"There is no such field. Known: {known}.")
            if problems := problems | self.read_only_problems(data):
                raise serializers.ValidationError({name: [text] for name, text in problems.items()})
        return super().to_internal_value(data)

    def read_only_problems(self, data: Mapping[str, object]) -> dict[str, str]:
        names = [name for name, field in self.fields.items() if field.read_only]
        is_whole = all(name in data for name in names)
        return {
            name: self.instead.get(name, "This field is read-only: leave it out.")
            for name in names
            if name in data
            and (not is_whole or name in self.never_ignored)
            and as_json(data[name]) not in map(as_json, self.unchanged(name, data))
        }

    def unchanged(self, name: str, data: Mapping[str, object]) -> list[object]:
        """The values of a read-only field that request no change."""
        if self.instance is None:
            return [None, False]
        field = self.fields[name]
        value = field.get_attribute(self.instance)
        return [None if value is None else field.to_representation(value)]


def as_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, cls=JSONEncoder)


class KeysWorkspace:
    """The default of WorkspaceField: the workspace of the API key."""

    requires_context = True

    def __call__(self, field: serializers.Field[Any, Any, Any, Any]) -> Workspace:
        workspace: Workspace = field.context["request"].auth.workspace
        return workspace


@extend_schema_field(OpenApiTypes.STR)
class WorkspaceField(serializers.SlugRelatedField[Workspace]):
    """The slug of the key's workspace. It may be left out; any other workspace is an error."""

    default_error_messages = {
        "does_not_exist": "This API key belongs to another workspace than “{value}”: leave this field out.",
        "invalid": "A workspace is given by its slug.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            slug_field="slug", queryset=Workspace.objects.all(), **kwargs | {"default": KeysWorkspace()}
        )

    def get_queryset(self) -> QuerySet[Workspace]:
        return Workspace.objects.filter(pk=self.context["request"].auth.workspace_id)


class RelatedListField(serializers.ManyRelatedField):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and len(data) > MAX_RELATED:
            raise serializers.ValidationError(f"Name {MAX_RELATED:,} at most.")
        return super().to_internal_value(data)


class WorkspaceScopedRelatedField(serializers.PrimaryKeyRelatedField[Any]):
    """The id of another object of the same workspace; one of another workspace does not exist."""

    default_error_messages = {
        "does_not_exist": "There is no {name} with this id in this workspace.",
        "incorrect_type": "This is not an id.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"pk_field": serializers.UUIDField()})

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> RelatedListField:
        return RelatedListField(
            child_relation=cls(*args, **kwargs),
            **{name: value for name, value in kwargs.items() if name in MANY_RELATION_KWARGS},
        )

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        assert rows is not None
        return scoped(rows, self.context["request"].auth.workspace)

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        super().fail(key, name=name_of(self.get_queryset().model), **kwargs)
