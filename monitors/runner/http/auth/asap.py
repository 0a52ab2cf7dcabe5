"""Atlassian's ASAP: a signed token with an issuer and an audience."""

from __future__ import annotations

import base64
import re
import time
import uuid
from typing import cast
from urllib.parse import unquote

from monitors.runner import javascript
from monitors.runner.http.auth.json_web_token import KEY_ALGORITHMS, json_object, make_token, with_lines
from monitors.runner.http.auth.scheme import AuthContext, AuthError, Scheme
from monitors.runner.http.message import OutgoingRequest
from monitors.runner.shapes import JsonObject

DATA_URI = re.compile(r"data:application/pkcs8;kid=([\w.\-+/]+);base64,([a-zA-Z0-9+/=]+)")
LIFETIME_SECONDS = 3600


class Asap(Scheme):
    """`iss`, `aud`, `kid` and `privateKey` (PEM or data URI), and `sub`, `exp` (seconds), `alg`, `claims`."""

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        given = json_object(self.parameters.get("claims"), "claims")
        algorithm = self.text("alg", "RS256")
        key_id = given.get("kid") or self.parameters.get("kid")
        claims = self._claims(given)
        if not (key_id and claims["iss"] and claims["aud"] and self.text("privateKey")):
            raise AuthError("One or more of required claims missing")
        if algorithm not in KEY_ALGORITHMS:
            raise AuthError("invalid algorithm")
        key = _private_key(javascript.text(key_id), self.text("privateKey"))
        token = make_token({"alg": algorithm, "kid": key_id}, claims, key, algorithm)
        request.headers.replace("Authorization", f"Bearer {token}")

    def _claims(self, given: JsonObject) -> JsonObject:
        """The claims in the order of the token. What `claims` gives takes precedence over the parameters."""
        now = int(time.time())
        issuer = given.get("iss") or self.parameters.get("iss")
        lifetime = re.match(r"\s*(\d{1,15})", self.text("exp"))
        seconds = int(lifetime[1]) if lifetime else LIFETIME_SECONDS
        return given | {
            "iat": given.get("iat") or now,
            "iss": issuer,
            "sub": given.get("sub") or self.parameters.get("sub") or issuer,
            "jti": given.get("jti") or str(uuid.uuid4()),
            "aud": given.get("aud") or self.parameters.get("aud"),
            "exp": int(cast(str | float, given["exp"])) if given.get("exp") else now + seconds,
        }


def _private_key(key_id: str, text: str) -> bytes:
    """The key's PEM; one in a data URI must carry the same id."""
    decoded = unquote(re.sub(r'^"(.*)"$', r"\1", text.replace("\n", "")))
    if not decoded.startswith("data:"):
        return with_lines(decoded).encode()
    match = DATA_URI.fullmatch(decoded)
    if match is None or match[1] != key_id:
        raise AuthError("Failed to parse private key.")
    body = base64.b64encode(base64.b64decode(match[2])).decode()
    return with_lines(f"-----BEGIN PRIVATE KEY-----{body}-----END PRIVATE KEY-----").encode()
