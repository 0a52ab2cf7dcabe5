"""What an authorization scheme is to the client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from monitors.runner import javascript
from monitors.runner.http.message import IncomingResponse, OutgoingRequest
from monitors.runner.http.url_parts import UrlParts
from monitors.runner.url import Url


class AuthError(Exception):
    """The parameters do not make an authorization; the request goes out without one, as in Newman."""


@dataclass(frozen=True)
class Token:
    """An access token. `expires_at` is a moment of `time.time()`, infinite where none is known."""

    value: str
    type: str
    expires_at: float


@dataclass
class AuthContext:
    """What a scheme may need beside the request."""

    send: Callable[[OutgoingRequest], IncomingResponse]
    """Sends a request of the scheme's own, such as one for a token. Raises RequestFailed."""
    url_encoding: bool = True
    """Off with the behaviour `disableUrlEncoding`."""
    tokens: dict[str, Token] = field(default_factory=dict)
    """The tokens that were fetched in this run."""


def signed_url(request: OutgoingRequest) -> UrlParts:
    """The URL that is signed: encoded, even where the behaviour `disableUrlEncoding` sends it as it is."""
    return UrlParts.of(Url.parse(request.url).encode())


class Scheme:
    """One authorization of a collection. Lives as long as the run: a server's challenge may be kept."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        """Put the credentials into the request. Raises AuthError."""
        raise NotImplementedError

    def answers(self, response: IncomingResponse) -> bool:
        """Whether the response is a challenge that signing and sending once more will answer."""
        return False

    def text(self, name: str, default: str = "") -> str:
        """A parameter as text; the default where it is missing, empty or zero."""
        value = self.parameters.get(name)
        return javascript.well_formed(javascript.text(value)) if value else default

    def joined(self, name: str) -> str:
        """A parameter as JavaScript joins it to other text: Postman signs `undefined` where it is missing."""
        if name not in self.parameters:
            return "undefined"
        return javascript.well_formed(javascript.text(self.parameters[name]))

    def flag(self, name: str) -> bool:
        """A parameter as yes or no. As in JavaScript, the text "false" is a yes."""
        return bool(self.parameters.get(name))
