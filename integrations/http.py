"""The one way out to providers: short timeouts, kept-alive connections, errors that say whether to retry."""

import threading
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from django.conf import settings
from django.utils import timezone

from integrations.base import DeliveryError
from monitors.outgoing import USER_AGENT
from workspaces.numbers import number_in

CONNECT_SECONDS = 5
READ_SECONDS = 10

MAX_WORDS_LENGTH = 500
"""What is kept of the body of an answer."""

_local = threading.local()


def post_json(url: str, body: Any) -> requests.Response:
    """Posts JSON and returns any answer. Raises DeliveryError when there is none."""
    try:
        return _session().post(
            url,
            json=body,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            proxies=_proxies(),
        )
    except requests.exceptions.ProxyError:
        raise DeliveryError("The proxy did not let the request through.")
    except requests.ConnectTimeout:
        raise DeliveryError(f"No connection within {CONNECT_SECONDS} seconds.")
    except requests.Timeout:
        raise DeliveryError(f"No answer within {READ_SECONDS} seconds.", in_doubt=True)
    except requests.exceptions.SSLError:
        raise DeliveryError("The TLS certificate was not accepted.")
    except requests.ConnectionError as problem:
        if _was_never_connected(problem):
            raise DeliveryError("Could not connect.")
        raise DeliveryError("The connection was closed before an answer came.", in_doubt=True)
    except requests.RequestException as problem:
        raise DeliveryError(f"The request failed ({type(problem).__name__}).", in_doubt=True)


MAX_WAIT_SECONDS = 24 * 60 * 60
"""In seconds; after a day an event is given up."""


def retry_after(header: str) -> float | None:
    """The seconds of a Retry-After header, which is a number or a date; None for what is neither."""
    text = header.strip()
    if (seconds := number_in(text)) is not None:
        return float(min(seconds, MAX_WAIT_SECONDS))
    try:
        return max(0.0, (parsedate_to_datetime(text) - timezone.now()).total_seconds())
    except (ValueError, TypeError):
        return None


def first_words(text: str, limit: int = MAX_WORDS_LENGTH) -> str:
    """The beginning of a text from outside, on one line and without what cannot be shown."""
    words = " ".join(text[: 2 * limit].split())
    shown = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words
    )
    return shown if len(shown) <= limit else f"{shown[:limit]}…"


def _proxies() -> dict[str, str]:
    return dict.fromkeys(("http", "https"), settings.PROXY_URL) if settings.PROXY_URL else {}


def _session() -> requests.Session:
    """One a thread, since a session is not made for sharing; without the machine's .netrc."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        _local.session.trust_env = False
        _local.session.headers["User-Agent"] = USER_AGENT
    session: requests.Session = _local.session
    return session


def _was_never_connected(problem: requests.ConnectionError) -> bool:
    reason = getattr(problem.args[0], "reason", None) if problem.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
