"""A bearer token (RFC 6750)."""

from __future__ import annotations

from monitors.runner.http.auth.scheme import AuthContext, Scheme
from monitors.runner.http.message import OutgoingRequest


class Bearer(Scheme):
    """`token`; without one nothing is added."""

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        if token := self.text("token"):
            request.headers.replace("Authorization", f"Bearer {token}")
