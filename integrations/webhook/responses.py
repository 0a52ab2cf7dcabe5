"""A receiver's response as text that is safe to store and to show, whatever the receiver sent."""

from functools import partial
from urllib.parse import parse_qsl, urlsplit

from integrations.base import JsonObject
from integrations.texts import printable_line
from monitors.runner.http import IncomingResponse
from monitors.runner.masking import SecretMask

MAX_REASON_LENGTH = 200
MAX_BODY_LENGTH = 500


def describe(response: IncomingResponse, config: JsonObject) -> str:
    """The status line and the beginning of the body, with our secrets masked in both."""
    # In a receiver's sentence a short secret stands between spaces.
    mask = partial(SecretMask(_secrets(config)).text, spaces_delimit=True)
    reason = printable_line(mask(response.reason), MAX_REASON_LENGTH)
    status = f"{response.status} {reason}".strip()
    body = printable_line(mask(response.body.decode(errors="replace")), MAX_BODY_LENGTH)
    return f"{status}: {body}" if body else status


def retry_after_header(response: IncomingResponse) -> str:
    """The value of the Retry-After header, empty if there is none."""
    return response.headers.first("Retry-After") or ""


def _secrets(config: JsonObject) -> list[str]:
    """The signing secret, and every part of the URL that may be secret: all but the host."""
    parts = urlsplit(config["url"])
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return [
        config["secret"],
        parts.password or "",
        target,
        parts.path,
        parts.path.rpartition("/")[2],
        *(value for _, value in parse_qsl(parts.query)),
    ]
