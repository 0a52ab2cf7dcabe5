"""Digest authorization (RFC 7616), in the form and the order of fields that postman-runtime gives it."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from monitors.runner.http.auth.scheme import AuthContext, AuthError, Scheme, signed_url
from monitors.runner.http.message import IncomingResponse, OutgoingRequest

HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
FIRST_COUNT = "00000001"
CHALLENGE_FIELDS = ("nonce", "realm", "qop", "opaque")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Digest(Scheme):
    """`username` and `password`; the rest comes from the server's challenge unless the user gave it.

    `qop` may be `auth` or `auth-int`; `algorithm` is one of HASHES, maybe with `-sess`.
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        super().__init__(parameters)
        self._challenge: dict[str, str] = {}

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        if not (self.text("username") and self._value("realm") and self._value("nonce")):
            return
        request.headers.discard("Authorization")
        request.headers.add("Authorization", self._header(request))

    def answers(self, response: IncomingResponse) -> bool:
        header = _digest_challenge(response) if response.status in (401, 403) else None
        if header is None or self.flag("disableRetryRequest"):
            self._count_on()
            return False
        found = {name: value for name in CHALLENGE_FIELDS if (value := _challenge_field(header, name))}
        found = {"nonce": "", "realm": "", **found}
        if "qop" in found or self._value("qop"):
            found |= {"clientNonce": "".join(secrets.choice(LETTERS) for _ in range(8))}
            found |= {"nonceCount": FIRST_COUNT}
        stale = _challenge_field(header, "stale").lower() == "true"
        if all(self._value(name) for name in found) and not stale:
            return False  # the same challenge again: the credentials are wrong
        self._challenge |= found
        return True

    def _value(self, name: str) -> str:
        return self.text(name) or self._challenge.get(name, "")

    def _count_on(self) -> None:
        count = self._challenge.get("nonceCount", "")
        self._challenge["nonceCount"] = f"{int(count) + 1:08}" if count.isdecimal() else FIRST_COUNT

    def _header(self, request: OutgoingRequest) -> str:
        algorithm, qop = self.text("algorithm", "MD5"), self._value("qop")
        username, realm, nonce = self.text("username"), self._value("realm"), self._value("nonce")
        uri = signed_url(request).target
        fields = [
            f'username="{username}"',
            f'realm="{realm}"',
            f'nonce="{nonce}"',
            f'uri="{uri}"',
            f'algorithm="{algorithm}"',
        ]
        if qop in ("auth", "auth-int"):
            fields.append(f"qop={qop}")
        if qop in ("auth", "auth-int") or algorithm == "MD5-sess":
            if count := self._value("nonceCount"):
                fields.append(f"nc={count}")
            fields.append(f'cnonce="{self._value("clientNonce")}"')
        fields.append(f'response="{self._response(request, uri, algorithm, qop)}"')
        if opaque := self._value("opaque"):
            fields.append(f'opaque="{opaque}"')
        return "Digest " + ", ".join(fields)

    def _response(self, request: OutgoingRequest, uri: str, algorithm: str, qop: str) -> str:
        nonce, client_nonce = self._value("nonce"), self._value("clientNonce")
        hash_name = HASHES.get(algorithm.removesuffix("-sess"))
        if hash_name is None:
            raise AuthError(f"Unsupported digest algorithm: {algorithm}")

        def digest(data: bytes | str) -> str:
            data = data.encode() if isinstance(data, str) else data
            return hashlib.new(hash_name, data, usedforsecurity=False).hexdigest()

        secret = f"{self.text('username')}:{self._value('realm')}:{self.joined('password')}"
        if algorithm.endswith("-sess"):
            secret = f"{digest(secret)}:{nonce}:{client_nonce}"
        action = f"{request.method}:{uri}"
        if qop == "auth-int":
            unread = request.signed_body.mode == "formdata"
            action += ":undefined" if unread else f":{digest(request.signed_body.content or b'')}"
        if qop not in ("auth", "auth-int"):
            return digest(f"{digest(secret)}:{nonce}:{digest(action)}")
        counted = f"{nonce}:{self._value('nonceCount')}:{client_nonce}:{qop}"
        return digest(f"{digest(secret)}:{counted}:{digest(action)}")


def _digest_challenge(response: IncomingResponse) -> str | None:
    offers = response.headers.get_all("WWW-Authenticate")
    return next((offer for offer in offers if offer.lower().startswith("digest ")), None)


def _challenge_field(header: str, name: str) -> str:
    match = re.search(rf'{name}="([^"]*)"', header, re.IGNORECASE)
    if match is None and name == "stale":
        match = re.search(r"stale=(\w+)", header, re.IGNORECASE)
    return match[1] if match else ""
