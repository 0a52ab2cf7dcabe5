"""A server that gives OAuth 2.0 tokens, and that takes the requests which bring them."""

from __future__ import annotations

import json

from tests.monitors.runner.http.server import RawRequest, RawServer, response


class TokenServer(RawServer):
    """Gives token-1, token-2, … at /token and echoes everywhere else."""

    def __init__(self, lifetime_s: int = 3600, refuse: bool = False, host: str = "127.0.0.1") -> None:
        super().__init__(self.respond, host=host)
        self.lifetime_s = lifetime_s
        self.refuse = refuse
        self.given = 0

    def respond(self, request: RawRequest) -> bytes:
        if not request.target.startswith("/token"):
            return response("welcome")
        if self.refuse:
            return response('{"error": "invalid_client"}', "401 Unauthorized")
        self.given += 1
        answer = {
            "access_token": f"token-{self.given}",
            "expires_in": self.lifetime_s,
            "token_type": "bearer",
        }
        return response(json.dumps(answer))

    @property
    def asked(self) -> RawRequest:
        return next(seen for seen in self.seen if seen.target.startswith("/token"))
