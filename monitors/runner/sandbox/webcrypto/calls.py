"""One call of `crypto.subtle` as JSON text, bytes as hexadecimal digits; the answer is JSON text too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm

from . import ciphers, derivation, keys, signatures
from .errors import WebCryptoError, data_error, operation_error

KEY_CALLS: dict[str, Callable[..., Any]] = {
    "importKey": keys.import_key,
    "exportKey": keys.export_key,
    "generateKey": keys.generate_key,
}
BYTE_CALLS: dict[str, Callable[..., bytes | bool]] = {
    "encrypt": ciphers.encrypt,
    "decrypt": ciphers.decrypt,
    "wrap": ciphers.wrap,
    "unwrap": ciphers.unwrap,
    "sign": signatures.sign,
    "verify": signatures.verify,
    "deriveBits": derivation.derive_bits,
}


def call(request: str) -> str:
    """`[name, argument, …]` to `{"value": …}`, or to `{"error": [a DOMException's name, its message]}`."""
    try:
        name, *arguments = json.loads(request)
        return json.dumps({"value": _answer(name, arguments)})
    except WebCryptoError as problem:
        return json.dumps({"error": [problem.name, str(problem)]})


def _answer(name: str, arguments: list[Any]) -> Any:
    refused = data_error("Invalid keyData") if name == "importKey" else operation_error()
    try:
        if name in KEY_CALLS:
            return KEY_CALLS[name](*arguments)
        done = BYTE_CALLS[name](*arguments)
    except (
        ValueError,
        TypeError,
        OverflowError,
        InvalidTag,
        InvalidSignature,
        UnsupportedAlgorithm,
    ) as problem:
        raise refused from problem
    return done if isinstance(done, bool) else done.hex()
