"""The settings of the REST API and of its OpenAPI document."""

from config.version import VERSION

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["workspaces.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["workspaces.authentication.HasApiKeyRole"],
    "DEFAULT_PAGINATION_CLASS": "workspaces.pagination.Pagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["workspaces.parsers.StrictJSONParser"],
    "EXCEPTION_HANDLER": "workspaces.api.answer_error",
    "DEFAULT_SCHEMA_CLASS": "workspaces.openapi.ApiSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Postwatch",
    "DESCRIPTION": "Runs Postman collections on a schedule and notifies PagerDuty.",
    "VERSION": VERSION,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "workspaces.openapi.add_error_schema",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "RunType": "monitors.models.runs.RunType",
        "RunStatus": "monitors.models.runs.RunStatus",
        "RunResult": "monitors.models.runs.Result",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
