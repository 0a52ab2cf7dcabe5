"""Basic authorization (RFC 7617)."""

from __future__ import annotations

import base64

from monitors.runner import javascript
from monitors.runner.http.auth.scheme import AuthContext, Scheme
from monitors.runner.http.message import OutgoingRequest


class Basic(Scheme):
    """`username` and `password`; either may be missing."""

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        value = basic_credentials(self.text("username"), self.text("password"))
        request.headers.replace("Authorization", value)


def basic_credentials(username: str, password: str) -> str:
    """The value of an Authorization field."""
    return "Basic " + base64.b64encode(javascript.utf8(f"{username}:{password}")).decode()
