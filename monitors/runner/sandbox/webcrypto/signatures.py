"""Signs, and verifies signatures."""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from .algorithms import Algorithm, Key, coordinate_size, hash_of
from .keys import material, private_key, public_key


def sign(algorithm: Algorithm, key: Key, data: str) -> bytes:
    """The signature of hexadecimal digits. ECDSA gives the numbers r and s one after the other."""
    message, name = bytes.fromhex(data), algorithm["name"]
    if name == "HMAC":
        return _hmac(key, message)
    own = private_key(key)
    if name == "Ed25519":
        return bytes(own.sign(message))
    if name == "ECDSA":
        size = coordinate_size(own.curve)
        signature = own.sign(message, ec.ECDSA(hash_of(algorithm["hash"]["name"])))
        return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(signature))
    return bytes(own.sign(message, *_rsa(algorithm, key)))


def verify(algorithm: Algorithm, key: Key, signature: str, data: str) -> bool:
    """Whether a signature is valid. Both texts are hexadecimal digits."""
    given, message, name = bytes.fromhex(signature), bytes.fromhex(data), algorithm["name"]
    if name == "HMAC":
        return hmac.compare_digest(_hmac(key, message), given)
    theirs = public_key(key)
    try:
        if name == "Ed25519":
            theirs.verify(given, message)
        elif name == "ECDSA":
            size = coordinate_size(theirs.curve)
            if len(given) != 2 * size:
                return False
            numbers = (int.from_bytes(half, "big") for half in (given[:size], given[size:]))
            theirs.verify(
                encode_dss_signature(*numbers), message, ec.ECDSA(hash_of(algorithm["hash"]["name"]))
            )
        else:
            theirs.verify(given, message, *_rsa(algorithm, key))
    except InvalidSignature:
        return False
    return True


def _hmac(key: Key, message: bytes) -> bytes:
    digest = key["algorithm"]["hash"]["name"].replace("-", "")
    return hmac.digest(material(key), message, digest)


def _rsa(algorithm: Algorithm, key: Key) -> tuple[padding.PKCS1v15 | padding.PSS, hashes.HashAlgorithm]:
    digest = hash_of(key["algorithm"]["hash"]["name"])
    if algorithm["name"] == "RSA-PSS":
        return padding.PSS(padding.MGF1(digest), algorithm["saltLength"]), digest
    return padding.PKCS1v15(), digest
