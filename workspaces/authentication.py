"""The API's sign-in: a workspace's key in the X-Api-Key header."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from workspaces import limits
from workspaces.models import ApiKey, Role
from workspaces.models.tokens import hash_token


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.auth` to the ApiKey; there is no person behind an API request."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        text = request.headers.get("X-Api-Key")
        if not text:
            return None
        key = ApiKey.objects.select_related("workspace").filter(hash=hash_token(text)).first()
        if key is None:
            if limits.count(request._request, "wrong_api_key") is None:
                raise Throttled(60, "Too many requests with an unknown API key came from your address.")
            raise AuthenticationFailed("This API key is not known. Check the X-Api-Key header.")
        self.remember_use(key)
        return AnonymousUser(), key

    def remember_use(self, key: ApiKey) -> None:
        """Stores the time of use, once a minute at most, as a busy client sends many requests."""
        now = timezone.now()
        if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)

    def authenticate_header(self, request: Request) -> str:
        return "X-Api-Key"


class HasApiKeyRole(BasePermission):
    """Reading needs the role of a viewer; anything else needs that of an editor."""

    message = "This API key's role does not allow this."

    def has_permission(self, request: Request, view: object) -> bool:
        if not isinstance(request.auth, ApiKey):
            return False
        return request.auth.allows(Role.VIEWER if request.method in SAFE_METHODS else Role.EDITOR)


class HasEditorsKey(HasApiKeyRole):
    """Reading needs the role of an editor, too."""

    def has_permission(self, request: Request, view: object) -> bool:
        return isinstance(request.auth, ApiKey) and request.auth.allows(Role.EDITOR)


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "ApiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
