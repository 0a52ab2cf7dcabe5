"""One call of `crypto.subtle`. Arguments and result are JSON, in which bytes are hexadecimal digits."""

from __future__ import annotations

import json
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm

from . import ciphers, derivation, keys, signatures
from .errors import WebCryptoError, data_error, operation_error

KEY_CALLS: dict[str, Callable[..., object]] = {
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
    """Call a function: `[name, argument, …]`. Returns `{"value": …}`, or `{"error": [name, message]}` for a
    DOMException."""
    try:
        name, *arguments = json.loads(request)
        return json.dumps({"value": _result(name, arguments)})
    except WebCryptoError as problem:
        return json.dumps({"error": [problem.name, str(problem)]})


def _result(name: str, arguments: list[object]) -> object:
    failure = data_error("Invalid keyData") if name == "importKey" else operation_error()
    try:
        if name in KEY_CALLS:
            return KEY_CALLS[name](*arguments)
        result = BYTE_CALLS[name](*arguments)
    except (
        ValueError,
        TypeError,
        OverflowError,
        InvalidTag,
        InvalidSignature,
        UnsupportedAlgorithm,
    ) as problem:
        raise failure from problem
    return result if isinstance(result, bool) else result.hex()
