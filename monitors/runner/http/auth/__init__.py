"""Postman's authorization schemes, a module each, by the names that collections give them.

The behavior is that of postman-runtime (lib/authorizer). A module is imported when its scheme is first used.
"""

from __future__ import annotations

from importlib import import_module

from monitors.runner.http.auth.scheme import AuthContext, AuthError, AuthFlow, Scheme, Token
from monitors.runner.http.message import Auth

# Closed on purpose: what a collection names is looked up here and nowhere else.
SCHEMES = {
    "apikey": "ApiKey",
    "asap": "Asap",
    "awsv4": "AwsV4",
    "basic": "Basic",
    "bearer": "Bearer",
    "digest": "Digest",
    "edgegrid": "EdgeGrid",
    "hawk": "Hawk",
    "jwt": "Jwt",
    "ntlm": "Ntlm",
    "oauth1": "OAuth1",
    "oauth2": "OAuth2",
}


def scheme_for(auth: Auth) -> Scheme:
    """A scheme filled with the parameters. Raises AuthError for a type that does not exist."""
    name = SCHEMES.get(auth.type)
    if name is None:
        raise AuthError(f"runtime: could not find a handler for auth: {auth.type}")
    scheme: type[Scheme] = getattr(import_module(f"{__name__}.{auth.type}"), name)
    return scheme(auth.parameters)


__all__ = ["AuthContext", "AuthError", "AuthFlow", "Scheme", "Token", "scheme_for"]
