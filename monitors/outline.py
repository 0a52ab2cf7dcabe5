"""A collection as people read it: folders and requests with the scripts that stand at each."""

from dataclasses import dataclass, field
from typing import Any

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
    """Only a request has one."""
    url: str = ""
    auth: str = ""
    """The name of its own authorization; empty when it inherits."""
    scripts: list[tuple[str, str]] = field(default_factory=list)
    """Kind and source."""
    children: list["Node"] = field(default_factory=list)

    @property
    def request_count(self) -> int:
        return bool(self.method) + sum(child.request_count for child in self.children)


def outline(content: dict[str, Any]) -> Node:
    """The tree of a collection that `load_collection` accepts, of schema 2.0 or 2.1."""
    return _node(content | {"name": content["info"].get("name")})


def _node(part: dict[str, Any]) -> Node:
    request = part.get("request")
    if not isinstance(request, dict):  # a request may be its address alone
        request = {"url": request}
    children = part["item"] if isinstance(part.get("item"), list) else None
    is_folder = children is not None
    return Node(
        name=str(part.get("name") or "Unnamed"),
        description=_text(part.get("description") or request.get("description")),
        method="" if is_folder else str(request.get("method") or "GET"),
        url=_url(request.get("url")),
        auth=_auth(request.get("auth") or part.get("auth")),
        scripts=list(_scripts(part.get("event"))),
        children=[_node(child) for child in children or [] if isinstance(child, dict)],
    )


def _text(description: Any) -> str:
    """A description is a text, or an object with its type."""
    if isinstance(description, dict):
        description = description.get("content")
    return description if isinstance(description, str) else ""


def _url(url: Any) -> str:
    if not isinstance(url, dict):
        return url if isinstance(url, str) else ""
    if isinstance(url.get("raw"), str):
        return str(url["raw"])
    host, path = url.get("host") or "", url.get("path") or ""
    host = ".".join(map(str, host)) if isinstance(host, list) else str(host)
    path = "/".join(map(str, path)) if isinstance(path, list) else str(path).strip("/")
    return f"{host}/{path}" if path else host


def _auth(auth: Any) -> str:
    kind = auth.get("type") if isinstance(auth, dict) else None
    return AUTH_NAMES.get(str(kind), str(kind)) if kind else ""


def _scripts(events: Any) -> Any:
    for event in events if isinstance(events, list) else []:
        script = event.get("script") if isinstance(event, dict) else None
        source = script.get("exec") if isinstance(script, dict) else script
        source = "\n".join(map(str, source)) if isinstance(source, list) else source
        if isinstance(source, str) and source.strip() and not event.get("disabled"):
            yield LISTENS.get(str(event.get("listen")), "Script"), source
