"""The digests and curves that Web Crypto has, by its names."""

from __future__ import annotations

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


def hash_of(name: str) -> hashes.HashAlgorithm:
    return HASHES[name]()


def curve_name(curve: ec.EllipticCurve) -> str:
    return next((name for name, one in CURVES.items() if isinstance(curve, one)), curve.name)


def coordinate_size(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8
