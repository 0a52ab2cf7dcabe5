"""The cookies of a run, with the rules of tough-cookie, which Newman uses."""

from __future__ import annotations

from typing import Any


class CookieJar:
    """A run's cookies. Safe to use from several threads."""

    def for_url(self, url: str) -> list[dict[str, Any]]:
        """The cookies that go to the URL, in Postman's form (`name`, `value`, `domain`, `path`, …)."""
        raise NotImplementedError

    def store(self, method: str, arguments: list[Any]) -> Any:
        """Carry out a store operation that a script's `pm.cookies.jar()` asks for, in tough-cookie's JSON.

        The methods are those of tough-cookie's Store (`findCookie`, `putCookie`, …). The answer is JSON: a cookie,
        a list of cookies or None. Raises ValueError with the message for the script.
        """
        raise NotImplementedError
