"""Downloads what is imported by URL. The same egress rules hold as for the requests of runs."""

from monitors import outgoing
from monitors.importing import MAX_IMPORT_BYTES, ImportRefused
from monitors.runner.http import Headers, IncomingResponse, OutgoingRequest, RequestFailed
from monitors.runner.url import Url

DOWNLOAD_TIMEOUT_SECONDS = 30


def download(url: str) -> bytes:
    """Downloads a URL that a person entered. Raises ImportRefused."""
    if not url.lower().startswith(("http://", "https://")):
        raise ImportRefused("An address to import from begins with https:// or http://.")
    try:
        response = _get(Url.parse(url).encode())
    except RequestFailed as problem:
        raise ImportRefused(f"The address could not be reached. {problem.explanation}")
    if not 200 <= response.status < 300:
        raise ImportRefused(f"The server responded with {response.status} {response.reason}".strip() + ".")
    if response.truncated:
        raise ImportRefused("What is at this address is larger than 20 MB.")
    return response.body


def _get(url: str) -> IncomingResponse:
    """Sends the request. The time limit is for all of it, so a slow server cannot block a web process."""
    request = OutgoingRequest("GET", url, Headers([("Accept", "application/json")]))
    return outgoing.send(
        request,
        seconds=DOWNLOAD_TIMEOUT_SECONDS,
        max_response_bytes=MAX_IMPORT_BYTES,
        follow_redirects=True,
    )
