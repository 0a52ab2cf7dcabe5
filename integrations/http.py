"""Calls to the HTTP APIs of providers, by `requests`, with errors that say whether to retry."""

import threading
from email.utils import parsedate_to_datetime

import requests
from django.conf import settings
from django.utils import timezone

from integrations.base import DeliveryError, EventBody
from monitors.outgoing import USER_AGENT
from workspaces.numbers import number_in

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 10

MAX_RETRY_AFTER_SECONDS = 24 * 60 * 60
"""An event is given up after a day anyway."""

_local = threading.local()


def post_json(url: str, body: EventBody) -> requests.Response:
    """Posts JSON and returns the response, whatever its status. Raises DeliveryError if there is none."""
    return _send("POST", url, body)


def get(url: str) -> requests.Response:
    """Returns the response, whatever its status. Raises DeliveryError if there is none."""
    return _send("GET", url)


def _send(method: str, url: str, body: EventBody | None = None) -> requests.Response:
    try:
        return _session().request(
            method,
            url,
            json=body,
            timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
            allow_redirects=False,
            proxies=_proxies(),
        )
    except requests.exceptions.ProxyError:
        raise DeliveryError("The proxy did not forward the request.")
    except requests.ConnectTimeout:
        raise DeliveryError(f"No connection within {CONNECT_TIMEOUT_SECONDS} seconds.")
    except requests.Timeout:
        raise DeliveryError(f"No response within {READ_TIMEOUT_SECONDS} seconds.", in_doubt=True)
    except requests.exceptions.SSLError:
        raise DeliveryError("The TLS certificate was not accepted.")
    except requests.ConnectionError as error:
        if _could_not_connect(error):
            raise DeliveryError("Could not connect.")
        raise DeliveryError("The connection was closed before a response came.", in_doubt=True)
    except requests.RequestException as error:
        raise DeliveryError(f"The request failed ({type(error).__name__}).", in_doubt=True)


def retry_after(header: str) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date; None if it is neither."""
    text = header.strip()
    if (seconds := number_in(text)) is not None:
        return float(min(seconds, MAX_RETRY_AFTER_SECONDS))
    try:
        return max(0.0, (parsedate_to_datetime(text) - timezone.now()).total_seconds())
    except (ValueError, TypeError):
        return None


def _proxies() -> dict[str, str]:
    return dict.fromkeys(("http", "https"), settings.PROXY_URL) if settings.PROXY_URL else {}


def _session() -> requests.Session:
    """One session a thread, since sessions are not thread-safe. It ignores proxy variables and .netrc."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        _local.session.trust_env = False
        _local.session.headers["User-Agent"] = USER_AGENT
    session: requests.Session = _local.session
    return session


def _could_not_connect(error: requests.ConnectionError) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
