"""Postman's authorization schemes, a module each, by the names that collections give them.

The behaviour is that of postman-runtime (lib/authorizer). A module is imported when its scheme is first used.
"""

from __future__ import annotations

from importlib import import_module

from monitors.runner.http.auth.scheme import AuthError, Scheme, Send
from monitors.runner.http.message import Auth

# Closed on purpose: what a collection names is looked up here and nowhere else.
SCHEMES = {
    "apikey": "ApiKey",
    "basic": "Basic",
    "bearer": "Bearer",
}


def scheme_for(auth: Auth) -> Scheme:
    """A scheme filled with the parameters. Raises AuthError for a type that does not exist."""
    name = SCHEMES.get(auth.type)
    if name is None:
        raise AuthError(f"runtime: could not find a handler for auth: {auth.type}")
    scheme: type[Scheme] = getattr(import_module(f"{__name__}.{auth.type}"), name)
    return scheme(auth.parameters)


__all__ = ["AuthError", "Scheme", "Send", "scheme_for"]
