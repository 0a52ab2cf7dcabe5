"""Keeps secrets out of reports: every text that a report takes up goes through here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from monitors.runner.url import PATH, QUERY, USER_INFO, percent_encode

SHORTEST_SECRET = 4
"""Shorter values would blacken half of every text and protect nothing."""
MASK = "*****"


class SecretMask:
    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {
            spelling
            for secret in secrets
            if len(secret) >= SHORTEST_SECRET
            for spelling in _spellings(secret)
        }
        longest_first = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def apply(self, entry: Any) -> None:
        """Mask every text of a report's dataclass, in place."""
        if self._pattern is None:
            return
        for name in (field.name for field in fields(entry)):
            setattr(entry, name, self._masked(getattr(entry, name)))

    def _masked(self, value: Any) -> Any:
        if type(value) is str:
            return self.text(value)
        if isinstance(value, list | tuple):
            return type(value)(map(self._masked, value))
        if is_dataclass(value):
            self.apply(value)
        return value


def _spellings(secret: str) -> set[str]:
    """As it is, encoded in a URL or a form, and within JSON."""
    encoded = {percent_encode(secret, table) for table in (QUERY, PATH, USER_INFO)}
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], *encoded}
