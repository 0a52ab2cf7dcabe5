"""Servers that ask for credentials and check them, written from the RFCs and not from our client."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

import spnego

from tests.monitors.runner.http.server import RawRequest, response

HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


@dataclass
class DigestRealm:
    """Digest authorization for the user `user` with the password `pass` (RFC 7616)."""

    algorithm: str = "MD5"
    qop: str = "auth"
    uses_of_a_nonce: int = 100
    nonces: dict[str, int] = field(default_factory=dict)

    def __call__(self, request: RawRequest) -> bytes:
        given = request.field("Authorization") or ""
        fields = {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|[^,]+)', given)}
        known = fields.get("nonce") in self.nonces
        if known and fields["response"] == self.expected(request, fields):
            self.nonces[fields["nonce"]] += 1
            if self.nonces[fields["nonce"]] <= self.uses_of_a_nonce:
                return response("welcome")
            return self.challenge(stale=True)
        return self.challenge()

    def challenge(self, stale: bool = False) -> bytes:
        nonce = f"nonce-{len(self.nonces)}"
        self.nonces[nonce] = 0
        text = f'Digest realm="the realm", nonce="{nonce}", opaque="abc"'
        text += f', qop="{self.qop}"' if self.qop else ""
        text += f", algorithm={self.algorithm}" + (", stale=true" if stale else "")
        return response("", "401 Unauthorized", f"WWW-Authenticate: {text}")

    def expected(self, request: RawRequest, given: dict[str, str]) -> str:
        def digest(text: str) -> str:
            return hashlib.new(HASHES[self.algorithm.removesuffix("-sess")], text.encode()).hexdigest()

        first = "user:the realm:pass"
        if self.algorithm.endswith("-sess"):
            first = f"{digest(first)}:{given['nonce']}:{given['cnonce']}"
        second = f"{request.line.split(' ')[0]}:{request.target}"
        if self.qop == "auth-int":
            second += ":" + digest(request.body.decode())
        middle = given["nonce"]
        if self.qop:
            middle += f":{given['nc']}:{given['cnonce']}:{self.qop}"
        return digest(f"{digest(first)}:{middle}:{digest(second)}")


@dataclass
class NtlmServer:
    """NTLM, connection by connection, checked by pyspnego's own server side.

    The users stand in the file that the environment variable NTLM_USER_FILE names.
    """

    negotiations: dict[int, Any] = field(default_factory=dict)

    def __call__(self, request: RawRequest) -> bytes:
        scheme, _, message = (request.field("Authorization") or "").partition(" ")
        negotiation: Any = self.negotiations.get(request.connection)
        if scheme != "NTLM":
            if negotiation and negotiation.complete:
                return response("welcome")
            return response("", "401 Unauthorized", "WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM")
        token = base64.b64decode(message)
        if token[8] == 1:
            options = spnego.NegotiateOptions.use_ntlm
            negotiation = spnego.server(protocol="ntlm", options=options)
            self.negotiations[request.connection] = negotiation
        try:
            answer = negotiation.step(token)
        except spnego.exceptions.SpnegoError:
            return response("", "401 Unauthorized", "WWW-Authenticate: NTLM")
        if negotiation.complete:
            return response("welcome")
        challenge = base64.b64encode(answer).decode()
        return response("", "401 Unauthorized", f"WWW-Authenticate: NTLM {challenge}")
