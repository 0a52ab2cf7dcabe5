"""AWS signature, version 4, in header fields or in the query.

The canonical request is built as the npm package aws4 does, which postman-runtime signs with.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from monitors.runner.http.auth.scheme import AuthContext, Scheme, signed_url
from monitors.runner.http.headers import Headers
from monitors.runner.http.message import OutgoingRequest
from monitors.runner.http.query import (
    add_query_parameters,
    encode_component,
    query_parameters,
    remove_query_parameters,
)
from monitors.runner.http.url_parts import UrlParts

ALGORITHM = "AWS4-HMAC-SHA256"
AMZ_HEADERS = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256")
AMZ_PARAMETERS = {
    f"X-Amz-{name}"
    for name in ("Security-Token", "Date", "Algorithm", "Credential", "SignedHeaders", "Signature")
}
UNSIGNED_HEADERS = {
    "authorization",
    "connection",
    "x-amzn-trace-id",
    "user-agent",
    "expect",
    "presigned-expires",
    "range",
}
EMPTY_BODY_HASH = hashlib.sha256(b"").hexdigest()


class AwsV4(Scheme):
    """`accessKey`, `secretKey`, `sessionToken`, `region`, `service`; `addAuthDataToQuery`."""

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        for name in AMZ_HEADERS:
            request.headers.discard(name)
        request.url = remove_query_parameters(request.url, AMZ_PARAMETERS)
        request.headers.add_missing("Host", UrlParts.of(request.url).authority)
        now = _moment(request).strftime("%Y%m%dT%H%M%SZ")
        if self.flag("addAuthDataToQuery"):
            self._sign_query(request, now)
        else:
            self._sign_headers(request, now)

    @property
    def _service(self) -> str:
        service = self.text("service", "execute-api")
        return "ses" if service == "email" else service

    @property
    def _region(self) -> str:
        return self.text("region", "us-east-1")

    def _sign_headers(self, request: OutgoingRequest, now: str) -> None:
        if session_token := self.text("sessionToken"):
            request.headers.add("X-Amz-Security-Token", session_token)
        content = request.signed_body.content
        body_hash = hashlib.sha256(content or b"").hexdigest()
        if content is not None or self._service == "s3":
            request.headers.add("X-Amz-Content-Sha256", body_hash)
        request.headers.add("X-Amz-Date", now)
        signature = self._signature(request, now, body_hash)
        credential = f"{self.joined('accessKey')}/{self._scope(now)}"
        value = (
            f"{ALGORITHM} Credential={credential}, "
            f"SignedHeaders={_signed_names(request.headers)}, Signature={signature}"
        )
        request.headers.add("Authorization", value)

    def _sign_query(self, request: OutgoingRequest, now: str) -> None:
        parameters = []
        if session_token := self.text("sessionToken"):
            parameters.append(("X-Amz-Security-Token", session_token))
        given = {name for name, _ in query_parameters(UrlParts.of(request.url).query or "")}
        if self._service == "s3" and "X-Amz-Expires" not in given:
            parameters.append(("X-Amz-Expires", "86400"))
        parameters += [
            ("X-Amz-Date", now),
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", f"{self.joined('accessKey')}/{self._scope(now)}"),
            ("X-Amz-SignedHeaders", _signed_names(request.headers)),
        ]
        encoded = [(name, encode_component(value)) for name, value in parameters]
        request.url = add_query_parameters(request.url, encoded)
        body_hash = "UNSIGNED-PAYLOAD" if self._service == "s3" else EMPTY_BODY_HASH
        signature = self._signature(request, now, body_hash)
        request.url = add_query_parameters(request.url, [("X-Amz-Signature", signature)])

    def _scope(self, now: str) -> str:
        return f"{now[:8]}/{self._region}/{self._service}/aws4_request"

    def _signature(self, request: OutgoingRequest, now: str, body_hash: str) -> str:
        canonical = self._canonical_request(request, body_hash)
        text = f"{ALGORITHM}\n{now}\n{self._scope(now)}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self.joined('secretKey')}".encode()
        for part in (now[:8], self._region, self._service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def _canonical_request(self, request: OutgoingRequest, body_hash: str) -> str:
        parts = signed_url(request)
        fields = _signed_fields(request.headers)
        return "\n".join(
            (
                request.method,
                self._canonical_path(parts.path),
                self._canonical_query(parts.query or ""),
                *(f"{name}:{value}" for name, value in fields),
                "",
                _signed_names(request.headers),
                body_hash,
            )
        )

    def _canonical_path(self, path: str) -> str:
        """S3 takes the path as it is, encoded once; other services one without dots, encoded twice."""
        if self._service == "s3":
            return "/".join(encode_component(unquote(piece.replace("+", " "))) for piece in path.split("/"))
        pieces: list[str] = []
        for piece in re.sub("/{2,}", "/", path).split("/"):
            if piece == "..":
                del pieces[-1:]
            elif piece != ".":
                pieces.append(encode_component(piece))
        joined = "/".join(pieces)
        return joined if joined.startswith("/") else f"/{joined}"

    def _canonical_query(self, query: str) -> str:
        pairs: dict[str, list[str]] = {}
        for name, value in query_parameters(query):
            if name:
                pairs.setdefault(encode_component(name), []).append(encode_component(value or ""))
        if self._service == "s3":
            pairs = {name: values[:1] for name, values in pairs.items()}
        return "&".join(f"{name}={value}" for name in sorted(pairs) for value in sorted(pairs[name]))


def _moment(request: OutgoingRequest) -> datetime:
    """The time of the request: its Date header, or now where it has none."""
    try:
        return parsedate_to_datetime(request.headers.get("Date") or "").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _signed_fields(headers: Headers) -> list[tuple[str, str]]:
    """The fields that are signed, a name once, in the order of their names."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() not in UNSIGNED_HEADERS:
            values.setdefault(name.lower(), []).append(re.sub(r"\s+", " ", value.strip()))
    return [(name, ",".join(values[name])) for name in sorted(values)]


def _signed_names(headers: Headers) -> str:
    return ";".join(name for name, _ in _signed_fields(headers))
