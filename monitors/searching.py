"""What the search for monitors knows of a collection: the URLs of its requests, without secrets."""

import re
from collections.abc import Iterator

from monitors.outline import Node
from monitors.redaction import redacted

MAX_URLS = 200
MAX_LENGTH = 4000
"""Characters of all URLs together: each search reads them for every collection of a workspace."""
MAX_URL = 300

LIKE_A_SECRET = re.compile(r"(?=[^/]{0,300}\d)[\w~+=-]{20,}")
"""A part of a path that is no word, such as a token."""


def searchable_urls(root: Node) -> str:
    """The different URLs of the requests, one a line: without credentials, queries and fragments."""
    found: dict[str, None] = {}
    for url in _urls(root):
        found[_without_secrets(url)] = None
        if len(found) == MAX_URLS:
            break
    return "\n".join(found)[:MAX_LENGTH]


def _urls(root: Node) -> Iterator[str]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.url:
            yield node.url
        waiting.extend(reversed(node.children))


def _without_secrets(url: str) -> str:
    path = re.split(r"[?#]", url[:MAX_URL])[0]
    shown = str(redacted({"url": path})["url"])
    return LIKE_A_SECRET.sub("…", shown)
