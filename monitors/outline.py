"""A collection for people to read: its folders and requests, each with its own scripts."""

from dataclasses import dataclass, field, replace

from monitors.runner import load_collection
from monitors.runner.model import Folder, Item, Script
from monitors.runner.shapes import JsonObject

LISTENS = {"prerequest": "Pre-request script", "test": "Post-response script"}
AUTH_NAMES = {
    "akamai": "Akamai EdgeGrid",
    "apikey": "API key",
    "asap": "ASAP",
    "awsv4": "AWS Signature",
    "basic": "Basic auth",
    "bearer": "Bearer token",
    "digest": "Digest auth",
    "edgegrid": "Akamai EdgeGrid",
    "hawk": "Hawk",
    "jwt": "JWT bearer",
    "noauth": "No auth",
    "ntlm": "NTLM",
    "oauth1": "OAuth 1.0",
    "oauth2": "OAuth 2.0",
}


@dataclass(frozen=True)
class Node:
    """The collection itself, a folder or a request."""

    name: str
    description: str = ""
    method: str = ""
    """Empty for a folder."""
    url: str = ""
    auth: str = ""
    """The name of its own authorization; empty when it inherits one."""
    scripts: list[tuple[str, str]] = field(default_factory=list)
    """Title and source of each of its own scripts."""
    children: list["Node"] = field(default_factory=list)
    address: str = ""
    """Where it is in the collection (`monitors.outline_parts`)."""
    is_folded: bool = False
    """Whether its children, or what a request has, are left out because nobody has opened it."""
    requests_below: int | None = None
    """How many requests are below it; None when all of them are among `children`."""
    start: int = 0
    """The place of the first of `children` among all that it has."""
    left: int = 0
    """How many more it has after `children`."""

    @property
    def request_count(self) -> int:
        if self.requests_below is not None:
            return bool(self.method) + self.requests_below
        return bool(self.method) + sum(child.request_count for child in self.children)

    @property
    def next_start(self) -> int:
        """Where the next page of its children begins."""
        return self.start + len(self.children)


def outline(content: JsonObject) -> Node:
    """The tree of a collection, given as JSON. Raises CollectionError as `load_collection` does."""
    return _node(load_collection(content))


def _node(part: Folder | Item) -> Node:
    node = Node(
        name=part.name or "Unnamed",
        description=part.description,
        auth=_auth_name(part.own_auth),
        scripts=[_script(script) for script in part.own_scripts],
    )
    if isinstance(part, Folder):
        return replace(node, children=[_node(child) for child in part.children])
    return replace(node, method=str(part.request["method"] or "GET"), url=_url(part.request.get("url")))


def _script(script: Script) -> tuple[str, str]:
    return LISTENS[script.listen], script.source


def _auth_name(auth: JsonObject | None) -> str:
    kind = str(auth["type"]) if auth else ""
    return AUTH_NAMES.get(kind, kind)


def _url(url: object) -> str:
    """The URL as the collection's author wrote it; put together from its parts when there is no `raw`."""
    if not isinstance(url, dict):
        return url if isinstance(url, str) else ""
    if isinstance(url.get("raw"), str):
        return str(url["raw"])
    host, path = url.get("host") or "", url.get("path") or ""
    host = ".".join(map(str, host)) if isinstance(host, list) else str(host)
    path = "/".join(map(str, path)) if isinstance(path, list) else str(path).strip("/")
    return f"{host}/{path}" if path else host
