"""Fetches what is imported by its address, no further than requests may go."""

from monitors import outgoing
from monitors.importing import MAX_IMPORT_BYTES, ImportRefused
from monitors.runner.http import Headers, IncomingResponse, OutgoingRequest, RequestFailed
from monitors.runner.url import Url

SECONDS_TO_DOWNLOAD = 30


def download(url: str) -> bytes:
    """What a URL that a person gave holds. Raises ImportRefused."""
    if not url.lower().startswith(("http://", "https://")):
        raise ImportRefused("An address to import from begins with https:// or http://.")
    try:
        response = _get(Url.parse(url).encode())
    except RequestFailed as problem:
        raise ImportRefused(f"The address could not be reached. {problem.explanation}")
    if not 200 <= response.status < 300:
        raise ImportRefused(f"The address answered {response.status} {response.reason}".strip() + ".")
    if response.truncated:
        raise ImportRefused("What is at this address is larger than 20 MB.")
    return response.body


def _get(url: str) -> IncomingResponse:
    """With a time limit for everything: a server that drips holds a web process no longer."""
    request = OutgoingRequest("GET", url, Headers([("Accept", "application/json")]))
    return outgoing.send(
        request,
        seconds=SECONDS_TO_DOWNLOAD,
        max_response_bytes=MAX_IMPORT_BYTES,
        follow_redirects=True,
    )
