"""Digest authorization (RFC 7616), in the form and the order of fields that postman-runtime gives it."""

from __future__ import annotations

import hashlib
import re
import secrets

from monitors.runner.http.auth.scheme import AuthContext, AuthError, AuthFlow, Scheme, signed_url
from monitors.runner.http.message import IncomingResponse, OutgoingRequest

HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
FIRST_COUNT = "00000001"
CHALLENGE_FIELDS = ("nonce", "realm", "qop", "opaque")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Values = dict[str, str]
"""The fields of a challenge with `clientNonce` and `nonceCount`, by the names of Postman's parameters."""


class Digest(Scheme):
    """`username` and `password`; the rest comes from the server's challenge unless the user gave it.

    `qop` may be `auth` or `auth-int`; `algorithm` is one of HASHES, maybe with `-sess`.
    """

    def flow(self, request: OutgoingRequest, context: AuthContext) -> AuthFlow:
        challenge = context.challenge
        while True:
            values = self._values(challenge)
            if self.text("username") and values.get("realm") and values.get("nonce"):
                request.headers.discard("Authorization")
                request.headers.add("Authorization", self._header(request, values))
            response = yield request
            header = _digest_challenge(response) if response.status in (401, 403) else None
            if header is None or self.flag("disableRetryRequest"):
                challenge["nonceCount"] = _next_count(challenge.get("nonceCount", ""))
                return
            asked = self._asked(header, values)
            is_stale = _challenge_field(header, "stale").lower() == "true"
            if all(values.get(name) for name in asked) and not is_stale:
                return  # the same challenge again: the credentials are wrong
            challenge |= asked

    def _values(self, challenge: Values) -> Values:
        names = (*CHALLENGE_FIELDS, "clientNonce", "nonceCount")
        return challenge | {name: self.text(name) for name in names if self.text(name)}

    def _asked(self, header: str, values: Values) -> Values:
        """The fields of a challenge, and a client nonce for the answer to it."""
        found = {name: value for name in CHALLENGE_FIELDS if (value := _challenge_field(header, name))}
        asked = {"nonce": "", "realm": "", **found}
        if "qop" in found or values.get("qop"):
            asked["clientNonce"] = "".join(secrets.choice(LETTERS) for _ in range(8))
            asked["nonceCount"] = FIRST_COUNT
        return asked

    def _header(self, request: OutgoingRequest, values: Values) -> str:
        algorithm, qop = self.text("algorithm", "MD5"), values.get("qop", "")
        uri = signed_url(request).target
        fields = [
            f'username="{self.text("username")}"',
            f'realm="{values["realm"]}"',
            f'nonce="{values["nonce"]}"',
            f'uri="{uri}"',
            f'algorithm="{algorithm}"',
        ]
        if qop in ("auth", "auth-int"):
            fields.append(f"qop={qop}")
        if qop in ("auth", "auth-int") or algorithm == "MD5-sess":
            if count := values.get("nonceCount"):
                fields.append(f"nc={count}")
            fields.append(f'cnonce="{values.get("clientNonce", "")}"')
        fields.append(f'response="{self._response(request, uri, algorithm, values)}"')
        if opaque := values.get("opaque"):
            fields.append(f'opaque="{opaque}"')
        return "Digest " + ", ".join(fields)

    def _response(self, request: OutgoingRequest, uri: str, algorithm: str, values: Values) -> str:
        nonce, client_nonce, qop = values["nonce"], values.get("clientNonce", ""), values.get("qop", "")
        hash_name = HASHES.get(algorithm.removesuffix("-sess"))
        if hash_name is None:
            raise AuthError(f"Unsupported digest algorithm: {algorithm}")

        def digest(data: bytes | str) -> str:
            data = data.encode() if isinstance(data, str) else data
            return hashlib.new(hash_name, data, usedforsecurity=False).hexdigest()

        secret = f"{self.text('username')}:{values['realm']}:{self.joined('password')}"
        if algorithm.endswith("-sess"):
            secret = f"{digest(secret)}:{nonce}:{client_nonce}"
        action = f"{request.method}:{uri}"
        if qop == "auth-int":
            unread = request.signed_body.mode == "formdata"
            action += ":undefined" if unread else f":{digest(request.signed_body.content or b'')}"
        if qop not in ("auth", "auth-int"):
            return digest(f"{digest(secret)}:{nonce}:{digest(action)}")
        counted = f"{nonce}:{values.get('nonceCount', '')}:{client_nonce}:{qop}"
        return digest(f"{digest(secret)}:{counted}:{digest(action)}")


def _next_count(count: str) -> str:
    return f"{int(count) + 1:08}" if count.isdecimal() else FIRST_COUNT


def _digest_challenge(response: IncomingResponse) -> str | None:
    offers = response.headers.get_all("WWW-Authenticate")
    return next((offer for offer in offers if offer.lower().startswith("digest ")), None)


def _challenge_field(header: str, name: str) -> str:
    match = re.search(rf'{name}="([^"]*)"', header, re.IGNORECASE)
    if match is None and name == "stale":
        match = re.search(r"stale=(\w+)", header, re.IGNORECASE)
    return match[1] if match else ""
