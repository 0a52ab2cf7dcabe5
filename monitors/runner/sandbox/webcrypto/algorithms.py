"""Algorithms and keys as `subtle.js` passes them, and Web Crypto's digests and curves by their names."""

from __future__ import annotations

from typing import TypedDict

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "SHA-1": hashes.SHA1,
    "SHA-256": hashes.SHA256,
    "SHA-384": hashes.SHA384,
    "SHA-512": hashes.SHA512,
}
CURVES: dict[str, type[ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}


class Hash(TypedDict):
    """A digest algorithm: a name in HASHES."""

    name: str


class Algorithm(TypedDict, total=False):
    """An algorithm with the parameters that `algorithms.js` reads for it. Bytes are hexadecimal digits."""

    name: str
    hash: Hash
    namedCurve: str
    length: int
    """Bits: of a key, or of the counter of AES-CTR."""
    modulusLength: int
    publicExponent: str
    iv: str
    counter: str
    additionalData: str
    tagLength: int
    label: str
    saltLength: int
    salt: str
    info: str
    iterations: int
    public: Key


class Key(TypedDict):
    """A key as it is passed between JavaScript and Python."""

    type: str
    """`secret`, `private` or `public`."""
    algorithm: Algorithm
    material: str
    """Hexadecimal digits of the secret's bytes, the private key's PKCS#8 or the public key's SPKI."""


def hash_of(name: str) -> hashes.HashAlgorithm:
    return HASHES[name]()


def curve_name(curve: ec.EllipticCurve) -> str:
    """Web Crypto's name of a curve; the library's own name for a curve that Web Crypto lacks."""
    return next((name for name, kind in CURVES.items() if isinstance(curve, kind)), curve.name)


def coordinate_size(curve: ec.EllipticCurve) -> int:
    """Bytes of one coordinate of a point."""
    return (curve.key_size + 7) // 8
