"""JSON Web Tokens (RFC 7519), their JSON byte for byte as JavaScript writes it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping

import jwt
from jwt.exceptions import PyJWTError

from monitors.runner import javascript
from monitors.runner.http.auth.scheme import AuthError
from monitors.runner.http.private_keys import check_size
from monitors.runner.shapes import JsonObject

HMAC_ALGORITHMS = {"HS256", "HS384", "HS512"}
KEY_ALGORITHMS = {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)}
BEGINNING = re.compile(r"-----BEGIN ([A-Z ]+)-----")


def make_token(header: Mapping[str, object], claims: Mapping[str, object], key: bytes, algorithm: str) -> str:
    """Sign claims. Raises AuthError for a key that does not fit the algorithm."""
    unsigned = f"{_encode(header)}.{_encode(claims)}"
    try:
        signer = jwt.get_algorithm_by_name(algorithm)
        if algorithm in KEY_ALGORITHMS:
            check_size(key)
        signature = signer.sign(unsigned.encode(), signer.prepare_key(key))
    except (PyJWTError, ValueError, TypeError) as error:
        raise AuthError(f"the token cannot be signed with this key: {error}") from None
    return f"{unsigned}.{_base64url(signature)}"


def json_object(value: object, name: str) -> JsonObject:
    """A parameter that is a JSON object or the text of one; an empty one for None. Raises AuthError."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else {}
        except ValueError as error:
            raise AuthError(f"the {name} is not JSON: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise AuthError(f"the {name} is not a JSON object")
    return value


def with_lines(pem: str) -> str:
    """A PEM text whose line ends were lost, with lines again."""
    beginning = BEGINNING.search(pem)
    end = pem.find(f"-----END {beginning[1]}-----", beginning.end()) if beginning else -1
    if beginning is None or end < 0:
        return pem
    body = re.sub(r"\s", "", pem[beginning.end() : end])
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {beginning[1]}-----\n{lines}\n-----END {beginning[1]}-----\n"


def _encode(value: Mapping[str, object]) -> str:
    return _base64url(javascript.json_text(value).encode("utf-8", "surrogatepass"))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
