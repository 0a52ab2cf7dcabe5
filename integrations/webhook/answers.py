"""What a receiver said, in words that can be stored and shown whatever it sent."""

from functools import partial
from urllib.parse import parse_qsl, urlsplit

from integrations.base import Json
from integrations.http import first_words
from monitors.runner.http import IncomingResponse
from monitors.runner.masking import SecretMask

MAX_REASON_LENGTH = 200


def in_words(response: IncomingResponse, config: Json) -> str:
    """The status line and the beginning of the body. A receiver may put our secrets into both."""
    # In a receiver's sentence a short secret stands between blanks.
    mask = partial(SecretMask(_secrets(config)).text, of_words=True)
    status = f"{response.status} {first_words(mask(response.reason), MAX_REASON_LENGTH)}".strip()
    body = first_words(mask(response.body.decode(errors="replace")))
    return f"{status}: {body}" if body else status


def retry_after_of(response: IncomingResponse) -> str:
    """The Retry-After header, empty where there is none."""
    return next((value for name, value in response.headers if name.lower() == "retry-after"), "")


def _secrets(config: Json) -> list[str]:
    """The signing secret and what of the address may be one: all but the host."""
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
