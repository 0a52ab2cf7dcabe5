"""The If-Match header of the API: a change is made only if the client has read the current version."""

from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from workspaces.editing import edits_since, sentence_of
from workspaces.versions import Versioned


class PreconditionFailed(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"


def etag_of(row: Versioned) -> str:
    return f'"{row.edit_version}"'


def check_if_match(request: Request, row: object) -> None:
    """Raises PreconditionFailed when the client has not read the row as it is now."""
    header = request.headers.get("If-Match")
    if header is None or request.method in SAFE_METHODS or not isinstance(row, Versioned):
        return
    # A proxy that compresses a response makes its ETag weak. It still names the same version.
    given = [etag.removeprefix("W/").strip('"') for etag in parse_etags(header)]
    if header.strip() == "*" or row.edit_version in given:
        return
    changes = sentence_of(edits_since(row, given[0] if given else ""))
    raise PreconditionFailed(
        f"{changes} Nothing is stored. Read it again, and send the ETag of that response in If-Match."
    )
