"""Fetches what is imported by its address, no further than requests may go."""

import time
from urllib.parse import urlsplit

import requests
from django.conf import settings

from monitors.importing import LARGEST_IMPORT, ImportRefused
from monitors.runner.http import EgressPolicy, guarded_session
from monitors.runner.http.egress import EgressDenied

SECONDS_TO_DOWNLOAD = 30


def download(url: str) -> bytes:
    """What a URL that a person gave holds. Raises ImportRefused."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ImportRefused("An address to import from begins with https:// or http://.")
    policy = EgressPolicy.from_text(settings.EGRESS_ALLOW)
    try:
        with (
            guarded_session(policy) as session,
            session.get(url, stream=True, timeout=10, headers={"Accept": "application/json"}) as response,
        ):
            if not response.ok:
                raise ImportRefused(f"The address answered {response.status_code} {response.reason}.")
            return _limited_body(response)
    except EgressDenied as problem:
        raise ImportRefused(str(problem))
    except requests.Timeout:
        raise ImportRefused("The address did not answer in time.")
    except (requests.RequestException, UnicodeError):
        raise ImportRefused(
            "The address could not be reached: check it, or download the file and import that."
        )


def _limited_body(response: requests.Response) -> bytes:
    until = time.monotonic() + SECONDS_TO_DOWNLOAD
    body = bytearray()
    for chunk in response.iter_content(64 * 1024):
        body += chunk
        if len(body) > LARGEST_IMPORT:
            raise ImportRefused("What is at this address is larger than 20 MB.")
        if time.monotonic() > until:
            raise ImportRefused(f"The download took longer than {SECONDS_TO_DOWNLOAD} seconds.")
    return bytes(body)
