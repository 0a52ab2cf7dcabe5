"""The cookies of a run, with the rules of tough-cookie, which Newman uses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from monitors.runner.http.connecting import is_address, is_localhost
from monitors.runner.http.set_cookie import Cookie, PostmanCookie, parse_set_cookie
from monitors.runner.http.url_parts import UrlParts
from monitors.runner.shapes import JsonObject

MAX_COOKIES = 3_000
MAX_COOKIE_CHARACTERS = 20_000
"""More than a response's header can hold. Scripts can make longer ones."""


class CookieJar:
    """A run's cookies. Safe to use from several threads."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str | None, str | None, str], Cookie] = {}
        self._lock = threading.RLock()
        self._created = 0
        self._store_methods: dict[str, Callable[..., Any]] = {
            "findCookie": self._find_cookie,
            "findCookies": self._find_cookies,
            "putCookie": self._put_cookie,
            "updateCookie": lambda _, new: self._put_cookie(new),
            "removeCookie": self._remove_cookie,
            "removeCookies": self._remove_cookies,
            "removeAllCookies": self._remove_all_cookies,
            "getAllCookies": self._get_all_cookies,
        }

    def for_url(self, url: str) -> list[PostmanCookie]:
        """The cookies that are sent to the URL, in the form in which scripts see them."""
        return [cookie.to_postman_json() for cookie in self._matching(url)]

    def header_for(self, url: str) -> str:
        """What stands in the Cookie field of a request to the URL; empty where no cookie goes to it."""
        return "; ".join(cookie.pair() for cookie in self._matching(url))

    def receive(self, set_cookie: str, url: str) -> None:
        """Store the cookie of a Set-Cookie field that came from the URL, unless it breaks the rules."""
        cookie = parse_set_cookie(set_cookie)
        if cookie is not None:
            self._set(cookie, UrlParts.of(url))

    def store(self, method: str, arguments: list[object]) -> Any:
        """Carry out a store operation that `pm.cookies.jar()` of a script asks for, in tough-cookie's JSON.

        The methods are those of tough-cookie's Store (`findCookie`, `putCookie`, …). The result is JSON: a
        cookie, a list of cookies or None. Raises ValueError with the message for the script.
        """
        operation = self._store_methods.get(method)
        if operation is None:
            raise ValueError(f"CookieStore: invalid method name '{method}'")
        with self._lock:
            try:
                return operation(*arguments)
            except (TypeError, ValueError, OverflowError) as error:
                raise ValueError(f'runtime~CookieStore: error executing "{method}"') from error

    def _set(self, cookie: Cookie, url: UrlParts) -> None:
        host = url.host.strip("[]")
        if cookie.domain is None:
            cookie.host_only, cookie.domain = True, host
        elif domain_matches(host, cookie.domain):
            cookie.host_only = False
        else:
            return
        if cookie.path is None:
            cookie.path, cookie.path_is_default = _default_path(url.path), True
        if not _keeps_prefix_promise(cookie):
            return
        with self._lock:
            old = self._cookies.get((cookie.domain, cookie.path, cookie.key))
            cookie.last_accessed = cookie.creation = datetime.now(UTC)
            if old is not None:
                cookie.creation, cookie.order = old.creation, old.order
            self._add(cookie)

    def _add(self, cookie: Cookie) -> None:
        if not cookie.order:
            self._created += 1
            cookie.order = self._created
        self._cookies[cookie.domain, cookie.path, cookie.key] = cookie
        if len(self._cookies) > MAX_COOKIES:
            del self._cookies[next(iter(self._cookies))]

    def _matching(self, url: str) -> list[Cookie]:
        """The cookies for a URL, longest path first, then oldest; expired ones are removed on the way."""
        parts = UrlParts.of(url)
        host = parts.host.strip("[]")
        secure = parts.scheme == "https" or _is_this_machine(host)
        with self._lock:
            if not self._cookies:
                return []
            self._remove_expired()
            found = [
                cookie
                for cookie in self._cookies.values()
                if (cookie.domain == host if cookie.host_only else domain_matches(host, cookie.domain or ""))
                and path_matches(parts.path, cookie.path or "/")
                and (secure or not cookie.secure)
            ]
        return sorted(found, key=lambda cookie: (-len(cookie.path or ""), cookie.creation, cookie.order))

    def _remove_expired(self) -> None:
        now = datetime.now(UTC).timestamp()
        for key in [key for key, cookie in self._cookies.items() if cookie.expires_at() <= now]:
            del self._cookies[key]

    def _find_cookie(self, domain: str, path: str, key: str) -> JsonObject | None:
        cookie = self._cookies.get((domain, path, key))
        return cookie.to_store_json() if cookie else None

    def _find_cookies(self, domain: str, path: str | None = None, *_: object) -> list[JsonObject]:
        return [
            cookie.to_store_json()
            for cookie in self._cookies.values()
            if domain
            and domain_matches(domain, cookie.domain or "")
            and (not path or path_matches(path, cookie.path or "/"))
        ]

    def _put_cookie(self, json: object) -> None:
        cookie = Cookie.from_store_json(json)
        if len(str(json)) > MAX_COOKIE_CHARACTERS:
            raise ValueError(f"a cookie has at most {MAX_COOKIE_CHARACTERS} characters")
        old = self._cookies.get((cookie.domain, cookie.path, cookie.key))
        cookie.order = old.order if old else 0
        self._add(cookie)

    def _remove_cookie(self, domain: str, path: str, key: str) -> None:
        self._cookies.pop((domain, path, key), None)

    def _remove_cookies(self, domain: str, path: str | None = None) -> None:
        for stored in [key for key in self._cookies if key[0] == domain and path in (None, "", key[1])]:
            del self._cookies[stored]

    def _remove_all_cookies(self) -> None:
        self._cookies.clear()

    def _get_all_cookies(self) -> list[JsonObject]:
        return [cookie.to_store_json() for cookie in sorted(self._cookies.values(), key=lambda c: c.order)]


def domain_matches(host: str, domain: str) -> bool:
    """RFC 6265, section 5.1.3: the same, or the host lies below the domain and is no address.

    A domain of one label is a public suffix (`com`, `localhost`): no host lies below it.
    """
    if host == domain:
        return True
    return "." in domain and host.endswith(f".{domain}") and not is_address(host)


def path_matches(path: str, cookie_path: str) -> bool:
    """RFC 6265, section 5.1.4."""
    if not path.startswith(cookie_path):
        return False
    return path == cookie_path or cookie_path.endswith("/") or path[len(cookie_path)] == "/"


def _default_path(path: str) -> str:
    return path.rpartition("/")[0] or "/" if path.startswith("/") else "/"


def _keeps_prefix_promise(cookie: Cookie) -> bool:
    """The names `__Secure-` and `__Host-` promise attributes (RFC 6265bis, section 4.1.3)."""
    if cookie.key.startswith("__Secure-"):
        return cookie.secure
    if cookie.key.startswith("__Host-"):
        return cookie.secure and bool(cookie.host_only) and cookie.path == "/"
    return True


def _is_this_machine(host: str) -> bool:
    return is_localhost(host) or host == "::1" or (is_address(host) and host.startswith("127."))
