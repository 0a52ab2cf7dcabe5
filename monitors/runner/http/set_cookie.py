"""Reads Set-Cookie headers as tough-cookie in its loose mode does (RFC 6265, section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import TypedDict

from monitors.runner.shapes import JsonObject, as_text

CONTROL = re.compile(r"[\x00-\x1f]")
DATE_DELIMITER = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]")
TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D.*)?\Z", re.ASCII)
DAY = re.compile(r"(\d{1,2})(?:\D.*)?\Z", re.ASCII)
YEAR = re.compile(r"(\d{2,4})(?:\D.*)?\Z", re.ASCII)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
MAX_AGE_DIGITS = 15
SAME_SITE = ("strict", "lax", "none")


def _now() -> datetime:
    return datetime.now(UTC)


class PostmanCookie(TypedDict):
    """A cookie as scripts see it in `pm.cookies` (postman-collection, Cookie)."""

    name: str
    value: str
    expires: str | None
    """In ISO 8601, UTC; None for a session's cookie."""
    maxAge: float | None
    """In seconds."""
    domain: str | None
    path: str | None
    secure: bool
    httpOnly: bool
    hostOnly: bool | None
    extensions: list[str] | None


@dataclass
class Cookie:
    """A cookie with tough-cookie's properties. `expires` is None for one that does not expire by date."""

    key: str = ""
    value: str = ""
    expires: datetime | None = None
    max_age: float | None = None
    domain: str | None = None
    path: str | None = None
    secure: bool = False
    http_only: bool = False
    extensions: list[str] | None = None
    host_only: bool | None = None
    path_is_default: bool | None = None
    same_site: str | None = None
    creation: datetime = field(default_factory=_now)
    last_accessed: datetime | None = None
    order: int = 0
    """Orders cookies that were created at the same moment."""

    def expires_at(self) -> float:
        """The moment in seconds since 1970 at which it expires; infinite for a session's cookie."""
        if self.max_age is not None:
            return self.creation.timestamp() + self.max_age if self.max_age > 0 else float("-inf")
        return float("inf") if self.expires is None else self.expires.timestamp()

    def pair(self) -> str:
        """The cookie as a Cookie header has it."""
        return f"{self.key}={self.value}" if self.key else self.value

    def to_store_json(self) -> JsonObject:
        """The cookie in tough-cookie's JSON, which scripts' cookie jars exchange. Defaults are left out."""
        properties = {
            "key": self.key or None,
            "value": self.value or None,
            "expires": _iso(self.expires),
            "maxAge": self.max_age,
            "domain": self.domain,
            "path": self.path,
            "secure": self.secure or None,
            "httpOnly": self.http_only or None,
            "extensions": self.extensions,
            "hostOnly": self.host_only,
            "pathIsDefault": self.path_is_default,
            "creation": _iso(self.creation),
            "lastAccessed": _iso(self.last_accessed),
            "sameSite": self.same_site,
        }
        return {name: value for name, value in properties.items() if value is not None}

    def to_postman_json(self) -> PostmanCookie:
        """The cookie in the form in which scripts see it."""
        at = self.expires_at()
        expires = datetime.fromtimestamp(min(at, LAST_MOMENT), UTC) if isfinite(at) else None
        return {
            "name": self.key,
            "value": self.value,
            "expires": _iso(expires),
            "maxAge": self.max_age,
            "domain": self.domain,
            "path": self.path,
            "secure": self.secure,
            "httpOnly": self.http_only,
            "hostOnly": self.host_only,
            "extensions": self.extensions,
        }

    @classmethod
    def from_store_json(cls, json: object) -> Cookie:
        """Read what `to_store_json` or a script's tough-cookie wrote. Raises ValueError for anything else."""
        if not isinstance(json, dict):
            raise ValueError("a cookie is an object")
        max_age = json.get("maxAge")
        return cls(
            key=str(json.get("key") or ""),
            value="" if json.get("value") is None else str(json["value"]),
            expires=_from_iso(json.get("expires")),
            max_age=float(max_age) if max_age is not None else None,
            domain=as_text(json.get("domain")),
            path=as_text(json.get("path")),
            secure=bool(json.get("secure")),
            http_only=bool(json.get("httpOnly")),
            extensions=json.get("extensions"),
            host_only=json.get("hostOnly"),
            path_is_default=json.get("pathIsDefault"),
            same_site=as_text(json.get("sameSite")),
            creation=_from_iso(json.get("creation")) or _now(),
            last_accessed=_from_iso(json.get("lastAccessed")),
        )


def parse_set_cookie(text: str) -> Cookie | None:
    """The cookie of a Set-Cookie header; None if it holds none."""
    pair, _, attributes = text.strip().partition(";")
    cookie = _parse_pair(pair)
    if cookie is None or not text.strip():
        return None
    for attribute in attributes.split(";"):
        if attribute := attribute.strip():
            _set_attribute(cookie, attribute)
    return cookie


def _parse_pair(pair: str) -> Cookie | None:
    pair = re.split(r"[\n\r\0]", pair)[0].removeprefix("=")
    name, equals, value = pair.partition("=")
    if not equals or not name:
        name, value = "", pair
    name, value = name.strip(), value.strip()
    return None if CONTROL.search(name + value) else Cookie(name, value)


def _set_attribute(cookie: Cookie, attribute: str) -> None:
    name, _, value = attribute.partition("=")
    name, value = name.strip().lower(), value.strip()
    if name == "expires":
        cookie.expires = parse_date(value) or cookie.expires
    elif name == "max-age":
        if re.fullmatch(r"-?[0-9]+", value):
            cookie.max_age = int(value[:MAX_AGE_DIGITS])
    elif name == "domain":
        cookie.domain = value.removeprefix(".").lower() or cookie.domain
    elif name == "path":
        cookie.path = value if value.startswith("/") else None
    elif name == "secure":
        cookie.secure = True
    elif name == "httponly":
        cookie.http_only = True
    elif name == "samesite":
        cookie.same_site = value.lower() if value.lower() in SAME_SITE else None
    else:
        cookie.extensions = cookie.extensions or []
        cookie.extensions.append(attribute)


def parse_date(text: str) -> datetime | None:
    """A cookie's date by the lenient rules of RFC 6265, section 5.1.1; None for what is no date."""
    time = day = month = year = None
    for token in DATE_DELIMITER.split(text):
        if not token:
            continue
        if time is None and (match := TIME.match(token)):
            time = [int(part) for part in match.groups()]
        elif day is None and (match := DAY.match(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in MONTHS:
            month = MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := YEAR.match(token)):
            year = _full_year(int(match[1]))
    if time is None or day is None or month is None or year is None or year < 1601:
        return None
    try:
        return datetime(year, month, day, time[0], time[1], time[2], tzinfo=UTC)
    except ValueError:
        return None


def _full_year(year: int) -> int:
    if 70 <= year <= 99:
        return year + 1900
    return year + 2000 if year <= 69 else year


def _iso(moment: datetime | None) -> str | None:
    """The moment as JavaScript's `toISOString` writes it."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _from_iso(text: object) -> datetime | None:
    if not isinstance(text, str) or text == "Infinity":
        return None
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
