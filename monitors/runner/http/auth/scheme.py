"""What an authorization scheme is to the client."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field

from monitors.runner import javascript
from monitors.runner.http.message import IncomingResponse, OutgoingRequest
from monitors.runner.http.url_parts import UrlParts
from monitors.runner.url import Url

AuthFlow = Generator[OutgoingRequest, IncomingResponse, None]
"""Yields what to send, and is sent the response: `response = yield request`."""


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
    """Off with the behavior `disableUrlEncoding`."""
    tokens: dict[str, Token] = field(default_factory=dict)
    """The tokens that were fetched in this run."""
    challenge: dict[str, str] = field(default_factory=dict)
    """What the server last asked of the same definition in this run, for a scheme to read and to change."""


def signed_url(request: OutgoingRequest) -> UrlParts:
    """The URL that is signed: encoded, even where the behavior `disableUrlEncoding` sends it as it is."""
    return UrlParts.of(Url.parse(request.url).encode())


class Scheme:
    """One authorization of a collection, with its variables filled in."""

    def __init__(self, parameters: Mapping[str, object]) -> None:
        self.parameters = parameters

    def flow(self, request: OutgoingRequest, context: AuthContext) -> AuthFlow:
        """Put the credentials into the request and yield it, again for each response that asks for more.

        The request is changed in place. Raises AuthError; ValueError or TypeError where a parameter is JSON
        that makes no sense.
        """
        self.sign(request, context)
        yield request

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        """Put the credentials into the request: all that a scheme without challenges has to do."""
        raise NotImplementedError

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
