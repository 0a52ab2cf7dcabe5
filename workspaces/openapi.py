"""What all operations of the OpenAPI document have in common."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS

ERROR = "Error"
ERROR_SCHEMA = {
    "type": "object",
    "description": "A sentence under `detail`, or each wrong field or parameter with its sentences.",
    "properties": {"detail": {"type": "string"}},
    "additionalProperties": {},
}
ERRORS = {
    "400": "Something in the request is wrong; nothing was done.",
    "401": "There is no API key in X-Api-Key, or it is not known.",
    "403": "The API key's role does not allow this.",
    "404": "It does not exist in this workspace.",
    "409": "Something else still uses it.",
    "412": "It is no longer the version of If-Match; nothing was done.",
    "429": "Too many requests; Retry-After says how many seconds to wait.",
}
ETAG = {"description": "The version, for If-Match.", "schema": {"type": "string"}}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag of what was read: it is changed only if nobody else changed it since.",
}


class ApiSchema(AutoSchema):
    """Adds the errors, in one shape, and the versions of what can be changed."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None or not self.path.startswith("/api/v1/"):
            return operation
        for status, words in self.errors().items():
            content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ERROR}"}}}
            operation["responses"].setdefault(status, {"description": words, "content": content})
        if self.has_version():
            self.add_version(operation)
        return operation

    def errors(self) -> dict[str, str]:
        left_out = set() if self.has_key() else {"404"}
        if not (self.has_version() and self.has_key() and self.method not in SAFE_METHODS):
            left_out.add("412")
        if self.method in SAFE_METHODS or self.method == "PATCH":
            left_out.add("409")
        return {status: words for status, words in ERRORS.items() if status not in left_out}

    def has_key(self) -> bool:
        return "{" in self.path

    def has_version(self) -> bool:
        actions = ("retrieve", "create", "update", "partial_update", "destroy")
        view: Any = self.view
        return hasattr(view, "stored_etag") and view.action in actions

    def add_version(self, operation: dict[str, Any]) -> None:
        if self.method in ("PUT", "PATCH", "DELETE"):
            operation.setdefault("parameters", []).append(IF_MATCH)
        for status in ("200", "201"):
            if status in operation["responses"]:
                operation["responses"][status]["headers"] = {"ETag": ETAG}


def add_error_schema(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular, called with the finished document."""
    result["components"]["schemas"][ERROR] = ERROR_SCHEMA
    return result
