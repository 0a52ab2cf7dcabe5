"""Masks secrets in the texts of a report, and cuts texts that are too long for it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from urllib.parse import quote, quote_plus

from monitors.runner import javascript
from monitors.runner.url_encoding import PATH, QUERY, USER_INFO, percent_encode

MAX_TEXT = 10_000
"""Characters of a text in a report. Longer texts are cut: a script may produce megabytes."""
MIN_SECRET = 4
"""Characters of a secret. To mask shorter values would make texts unreadable and protect nothing."""
MIN_SUBSTRING = 6
"""Shorter secrets, such as `true` or `test`, are also words: they are masked only as whole values."""
OPENING, CLOSING = "\"'`=:/@", "\"'`&;,}])/?#:@\n"
"""Characters that delimit a value in JSON, a URL, a form or quotes."""
MAX_SEARCHED = 200
"""Spellings that are all searched for. Of a larger number, only those whose first characters are in the
text."""
MIN_LINE = 16
"""Characters of a line. Longer lines of a secret, such as a PEM key, are masked one by one too."""
MASK = "*****"
ELLIPSIS = "…"
"""Ends a text that Chai or a run's console has cut."""


class SecretMask:
    """Replaces secrets in texts by MASK, in all the spellings in which texts may hold them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._spellings: set[str] = set()
        self._longest_first: list[str] = []
        self._by_prefix: dict[str, list[str]] = {}
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Mask these secrets too, unless they are shorter than MIN_SECRET."""
        texts = {text for secret in secrets if len(secret) >= MIN_SECRET for text in _texts(secret)}
        new = {spelling for text in texts for spelling in _spellings(text)} - self._spellings
        self._spellings |= new
        self._longest_first = sorted(self._spellings, key=len, reverse=True)
        for spelling in sorted(new):
            self._by_prefix.setdefault(spelling[:MIN_SECRET], []).append(spelling)

    def text(self, text: str, spaces_delimit: bool = False, limit: int = MAX_TEXT) -> str:
        """The text without secrets, cut to `limit` characters. `spaces_delimit` is for consoles, where a
        value may stand between two spaces."""
        if len(text) > limit:
            text = text[:limit] + ELLIPSIS
        # A regular expression for all spellings would take longer to compile than most runs take.
        for spelling in self._candidates(text):
            if spelling not in text:
                continue
            if len(spelling) >= MIN_SUBSTRING:
                text = text.replace(spelling, MASK)
            else:
                text = _without_whole_values(text, spelling, " \t" if spaces_delimit else "")
        *cut_texts, rest = text.split(ELLIPSIS)
        return ELLIPSIS.join([*map(self._without_cut_secret, cut_texts), rest])

    def _candidates(self, text: str) -> list[str]:
        """The spellings that may be in the text, the longest first."""
        if len(self._longest_first) <= MAX_SEARCHED:
            return self._longest_first
        prefixes = {text[at : at + MIN_SECRET] for at in range(len(text))}
        known = prefixes & self._by_prefix.keys()
        found = [spelling for prefix in known for spelling in self._by_prefix[prefix]]
        return sorted(found, key=len, reverse=True)

    def _without_cut_secret(self, text: str) -> str:
        """Masks a secret that was cut off at the end of this text."""
        longest = len(self._longest_first[0]) if self._longest_first else 0
        for start in range(max(len(text) - longest, 0), len(text)):
            for spelling in self._by_prefix.get(text[start : start + MIN_SECRET], ()):
                if len(spelling) >= MIN_SUBSTRING and spelling.startswith(text[start:]):
                    return text[:start] + MASK
        return text

    def apply(self, entry: object) -> None:
        """Mask every string of a dataclass of the report, in place."""
        for name, value in vars(entry).items():
            setattr(entry, name, self._masked(value))

    def _masked(self, value: object) -> object:
        if type(value) is str:
            return self.text(value)
        if isinstance(value, list | tuple):
            return type(value)(map(self._masked, value))
        if is_dataclass(value):
            self.apply(value)
        return value


def texts_in(value: object) -> Iterator[str]:
    """Every string and number in a secret JSON value, as texts to mask."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, str | int | float) and not isinstance(part, bool):
            yield javascript.text(part)


def _without_whole_values(text: str, spelling: str, spaces: str) -> str:
    """Masks a short secret where it is the whole text, is in quotes or is the value of a member."""
    before, *following = text.split(spelling)
    masked = [before]
    for index, after in enumerate(following):
        # In JSON, spaces may follow a colon.
        previous = masked[-1].rstrip(" ") if masked[-1].rstrip(" ").endswith(":") else masked[-1]
        is_start = len(masked) == 1 and not previous
        is_end = index == len(following) - 1 and not after
        is_whole = (is_start or previous[-1:] in {*OPENING, *spaces}) and (
            is_end or after[:1] in {*CLOSING, *spaces}
        )
        masked += [MASK if is_whole else spelling, after]
    return "".join(masked)


def _texts(secret: str) -> set[str]:
    """The secret, the secret as a server decodes it from a query, and its lines, which a console may print
    one by one."""
    lines = {line.strip() for line in secret.splitlines()}
    return {secret, secret.replace("+", " "), *(line for line in lines if len(line) >= MIN_LINE)}


def _spellings(secret: str) -> set[str]:
    """The text itself, as a host name, encoded in a URL or a form, quoted in JSON or by a console, and in
    base64."""
    return {secret, secret.lower(), *_in_urls(secret), *_quoted(secret), *_in_base64(secret)}


def _in_urls(secret: str) -> set[str]:
    """As Postman, encodeURIComponent and encodeURI encode it."""
    by_postman = {percent_encode(secret, table) for table in (QUERY, PATH, USER_INFO)}
    by_scripts = {quote(secret, safe=safe) for safe in ("", "!'()*", ";,/?:@&=+$!'()*#")}
    return {*by_postman, *by_scripts, quote_plus(secret)}


def _quoted(secret: str) -> set[str]:
    """Quoted once and twice: scripts often print a JSON body as a string within other JSON."""
    once = _quoted_once(secret)
    return once | {twice for text in once for twice in _quoted_once(text)}


def _quoted_once(text: str) -> set[str]:
    as_json = json.dumps(text, ensure_ascii=False)[1:-1]
    # A console and Chai choose the quotes that they escape by those in the text.
    as_literal = as_json.replace('\\"', '"')
    with_escapes = {spelling.replace("'", "\\'") for spelling in (text, as_literal)}
    return {as_json, as_literal, json.dumps(text)[1:-1], *with_escapes}


def _in_base64(secret: str) -> set[str]:
    """The base64 digits that depend on the secret alone, for each of its three offsets in a longer text."""
    found = set()
    for before in range(3):
        raw = bytes(before) + secret.encode("utf-8", "surrogatepass")
        digits = base64.b64encode(raw).decode()[-(-before * 8 // 6) : len(raw) * 8 // 6]
        found |= {digits, digits.replace("+", "-").replace("/", "_")}
    return found
