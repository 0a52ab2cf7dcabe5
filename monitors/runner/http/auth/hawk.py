"""Hawk authorization (the header of hawk 1.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time

from monitors.runner.http.auth.scheme import AuthContext, Scheme, signed_url
from monitors.runner.http.message import OutgoingRequest
from monitors.runner.http.url_parts import DEFAULT_PORTS

ALGORITHMS = ("sha1", "sha256")
ESCAPED_BY_NODE = re.compile(r"[{}|\\^`<>\" \r\n\t']")


class Hawk(Scheme):
    """`authId` and `authKey`, `algorithm` sha1 or sha256; `includePayloadHash` signs the body too.

    With another algorithm the Authorization field is empty, as from Postman.
    """

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        if not (self.text("authId") and self.text("authKey")):
            return
        known = self.text("algorithm") in ALGORITHMS
        request.headers.replace("Authorization", self._header(request) if known else "")

    def _header(self, request: OutgoingRequest) -> str:
        timestamp = self.text("timestamp", str(int(time.time())))
        nonce = self.text("nonce", secrets.token_urlsafe(5)[:6])
        body_hash = self._body_hash(request)
        extra, app, delegation = self.text("extraData"), self.text("app"), self.text("delegation")
        parts = signed_url(request)
        lines = [
            "hawk.1.header",
            timestamp,
            nonce,
            request.method.upper(),
            ESCAPED_BY_NODE.sub(lambda match: f"%{ord(match[0]):02X}", parts.target),
            parts.host,
            parts.port or str(DEFAULT_PORTS.get(parts.scheme, 443)),
            body_hash,
            # The reference implementation escapes only the first of each.
            extra.replace("\\", "\\\\", 1).replace("\n", "\\n", 1),
        ]
        if app:
            lines += [app, delegation]
        mac = self._base64_mac("\n".join(lines) + "\n")
        fields = [("id", self.text("authId")), ("ts", timestamp), ("nonce", nonce), ("hash", body_hash)]
        fields += [("ext", extra.replace("\\", "\\\\").replace('"', '\\"')), ("mac", mac)]
        if app:
            fields += [("app", app), ("dlg", delegation)]
        return "Hawk " + ", ".join(f'{name}="{value}"' for name, value in fields if value)

    def _base64_mac(self, text: str) -> str:
        key = self.text("authKey").encode()
        return base64.b64encode(hmac.digest(key, text.encode(), self.text("algorithm"))).decode()

    def _body_hash(self, request: OutgoingRequest) -> str:
        content = request.signed_body.content
        if content is None or not self.flag("includePayloadHash"):
            return ""
        content_type = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        payload = f"hawk.1.payload\n{content_type}\n".encode() + content + b"\n"
        digest = hashlib.new(self.text("algorithm"), payload, usedforsecurity=False).digest()
        return base64.b64encode(digest).decode()
