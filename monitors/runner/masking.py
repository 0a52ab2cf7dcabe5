"""Keeps reports short and secrets out of them: every text that a report takes up goes through here."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from monitors.runner import javascript
from monitors.runner.url import PATH, QUERY, USER_INFO, percent_encode

MAX_TEXT = 10_000
"""What is longer is cut there: nobody reads on, and a script may make texts of megabytes."""
MIN_SECRET = 4
"""Shorter values would blacken half of every text and protect nothing."""
MIN_ANYWHERE = 6
"""Shorter ones, such as `true` or `test`, are words too: masked only where they stand as a whole value."""
OPENING, CLOSING = "\"'`=:/@", "\"'`&;,}])/?#:@\n"
"""What stands before and behind a value in JSON, a URL, a form or quotes."""
FEW = 200
"""Spellings that are looked for one after the other; of more only those whose beginning is in the text."""
MIN_LINE = 16
"""Of a secret of several lines, such as a PEM key, every line that is at least as long is one by itself."""
MASK = "*****"
ELLIPSIS = "…"
"""What Chai, and the console of a run, end with where they cut a long text."""


class SecretMask:
    def __init__(self, secrets: Iterable[str]) -> None:
        self._spellings: set[str] = set()
        self._longest_first: list[str] = []
        self._by_beginning: dict[str, list[str]] = {}
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        texts = {text for secret in secrets if len(secret) >= MIN_SECRET for text in _texts(secret)}
        new = {spelling for text in texts for spelling in _spellings(text)} - self._spellings
        self._spellings |= new
        self._longest_first = sorted(self._spellings, key=len, reverse=True)
        for spelling in sorted(new):
            self._by_beginning.setdefault(spelling[:MIN_SECRET], []).append(spelling)

    def text(self, text: str, of_words: bool = False) -> str:
        """`of_words`: what stands between blanks is a whole value too, as on a console."""
        if len(text) > MAX_TEXT:
            text = text[:MAX_TEXT] + ELLIPSIS
        # One after the other: a regular expression for all of them takes longer to build than most runs.
        for spelling in self._candidates(text):
            if spelling not in text:
                continue
            if len(spelling) >= MIN_ANYWHERE:
                text = text.replace(spelling, MASK)
            else:
                text = _without_whole(text, spelling, " \t" if of_words else "")
        *cut, rest = text.split(ELLIPSIS)
        return ELLIPSIS.join([*map(self._without_beginning, cut), rest])

    def _candidates(self, text: str) -> list[str]:
        """The spellings that may be in the text, the longest first."""
        if len(self._longest_first) <= FEW:
            return self._longest_first
        beginnings = {text[at : at + MIN_SECRET] for at in range(len(text))}
        known = beginnings & self._by_beginning.keys()
        found = [spelling for beginning in known for spelling in self._by_beginning[beginning]]
        return sorted(found, key=len, reverse=True)

    def _without_beginning(self, text: str) -> str:
        """Masks a secret that was cut short at the end of this text."""
        longest = len(self._longest_first[0]) if self._longest_first else 0
        for start in range(max(len(text) - longest, 0), len(text)):
            for spelling in self._by_beginning.get(text[start : start + MIN_SECRET], ()):
                if len(spelling) >= MIN_ANYWHERE and spelling.startswith(text[start:]):
                    return text[:start] + MASK
        return text

    def apply(self, entry: Any) -> None:
        """Mask every text of a report's dataclass, in place."""
        for name, value in vars(entry).items():
            setattr(entry, name, self._masked(value))

    def _masked(self, value: Any) -> Any:
        if type(value) is str:
            return self.text(value)
        if isinstance(value, list | tuple):
            return type(value)(map(self._masked, value))
        if is_dataclass(value):
            self.apply(value)
        return value


def texts_in(value: Any) -> Iterator[str]:
    """What there is to mask of a secret value of any JSON type: its text, or every text and number in it."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, str | int | float) and not isinstance(part, bool):
            yield javascript.text(part)


def _without_whole(text: str, spelling: str, blanks: str) -> str:
    """Masks a short secret where it is the whole text, stands in quotes or is the value of a member."""
    before, *behind = text.split(spelling)
    masked = [before]
    for at, after in enumerate(behind):
        # What follows a colon may stand off from it by a blank, as in JSON.
        previous = masked[-1].rstrip(" ") if masked[-1].rstrip(" ").endswith(":") else masked[-1]
        is_start = len(masked) == 1 and not previous
        is_end = at == len(behind) - 1 and not after
        is_whole = (is_start or previous[-1:] in {*OPENING, *blanks}) and (
            is_end or after[:1] in {*CLOSING, *blanks}
        )
        masked += [MASK if is_whole else spelling, after]
    return "".join(masked)


def _texts(secret: str) -> set[str]:
    """Itself, as a server reads it in a query, and its lines: a console may print a text as their sum."""
    lines = {line.strip() for line in secret.splitlines()}
    return {secret, secret.replace("+", " "), *(line for line in lines if len(line) >= MIN_LINE)}


def _spellings(secret: str) -> set[str]:
    """As it is, as a host, encoded in a URL or a form, quoted in JSON or by a console, and in base64."""
    return {secret, secret.lower(), *_in_urls(secret), *_quoted(secret), *_in_base64(secret)}


def _in_urls(secret: str) -> set[str]:
    """As Postman, encodeURIComponent and encodeURI write it."""
    by_postman = {percent_encode(secret, table) for table in (QUERY, PATH, USER_INFO)}
    by_scripts = {quote(secret, safe=safe) for safe in ("", "!'()*", ";,/?:@&=+$!'()*#")}
    return {*by_postman, *by_scripts, quote_plus(secret)}


def _quoted(secret: str) -> set[str]:
    """Also twice: a body of JSON is often printed as a text within other JSON."""
    once = _quoted_once(secret)
    return once | {twice for text in once for twice in _quoted_once(text)}


def _quoted_once(text: str) -> set[str]:
    as_json = json.dumps(text, ensure_ascii=False)[1:-1]
    # Which quotes a console and Chai escape depends on those that are in the text.
    as_literal = as_json.replace('\\"', '"')
    with_escapes = {spelling.replace("'", "\\'") for spelling in (text, as_literal)}
    return {as_json, as_literal, json.dumps(text)[1:-1], *with_escapes}


def _in_base64(secret: str) -> set[str]:
    """The digits that are the secret's alone, for each way that it can lie among other text."""
    found = set()
    for before in range(3):
        raw = bytes(before) + secret.encode("utf-8", "surrogatepass")
        digits = base64.b64encode(raw).decode()[-(-before * 8 // 6) : len(raw) * 8 // 6]
        found |= {digits, digits.replace("+", "-").replace("/", "_")}
    return found
