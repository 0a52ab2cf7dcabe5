"""Akamai EdgeGrid authorization (EG1-HMAC-SHA256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import UTC, datetime

from monitors.runner.http.auth.scheme import AuthContext, Scheme, signed_url
from monitors.runner.http.message import OutgoingRequest
from monitors.runner.http.url_parts import UrlParts
from monitors.runner.shapes import as_list

DEFAULT_MAX_BODY_BYTES = 131072


class EdgeGrid(Scheme):
    """`accessToken`, `clientToken` and `clientSecret`; without one of them nothing is added.

    `baseURL` gives the host to sign for, `headersToSign` names of fields, `maxBodySize` how many bytes
    of a POST's body are signed.
    """

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        if all(map(self.text, ("accessToken", "clientToken", "clientSecret"))):
            request.headers.replace("Authorization", self._header(request))

    def _header(self, request: OutgoingRequest) -> str:
        timestamp = self.text("timestamp", datetime.now(UTC).strftime("%Y%m%dT%H:%M:%S+0000"))
        header = (
            f"EG1-HMAC-SHA256 client_token={self.text('clientToken')};"
            f"access_token={self.text('accessToken')};timestamp={timestamp};"
            f"nonce={self.text('nonce', str(uuid.uuid4()))};"
        )
        parts = signed_url(request)
        base_url = self.text("baseURL")
        signed = "\t".join(
            (
                request.method,
                parts.scheme,
                _host_of(base_url) if base_url else parts.authority,
                parts.target,
                self._signed_fields(request),
                self._body_hash(request),
                header,
            )
        )
        key = _base64_hmac(self.text("clientSecret"), timestamp)
        return f"{header}signature={_base64_hmac(key, signed)}"

    def _signed_fields(self, request: OutgoingRequest) -> str:
        wanted = self.parameters.get("headersToSign")
        names = wanted.split(",") if isinstance(wanted, str) else as_list(wanted)
        sent: dict[str, list[str]] = {}
        for name, value in request.headers:
            sent.setdefault(name.lower(), []).append(value)
        fields = []
        for name in (str(name).strip().lower() for name in names):
            # A header that is there twice is a list in JavaScript, and is skipped.
            values = sent.get(name, [])
            if len(values) == 1 and values[0]:
                fields.append(f"{name}:{' '.join(values[0].split())}")
        return "\t".join(fields)

    def _body_hash(self, request: OutgoingRequest) -> str:
        content = request.signed_body.content
        if request.method != "POST" or content is None:
            return ""
        limit = self.text("maxBodySize", str(DEFAULT_MAX_BODY_BYTES))
        signed = content[: int(limit)] if limit.isdecimal() else content
        return base64.b64encode(hashlib.sha256(signed).digest()).decode()


def _host_of(url: str) -> str:
    return UrlParts.of(url if "://" in url else f"http://{url}").authority


def _base64_hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()
