"""Derives bits from passwords, secrets and pairs of keys."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .algorithms import Algorithm, Key, hash_of
from .errors import operation_error
from .keys import material, private_key, public_key


def derive_bits(algorithm: Algorithm, key: Key, length: int | None) -> bytes:
    """`length` is in bits; None for all that two keys have in common."""
    if algorithm["name"] in ("ECDH", "X25519"):
        return _shared_bits(algorithm, key, length)
    if length is None:
        raise operation_error("length cannot be null")
    if length % 8:
        raise operation_error("length must be a multiple of 8")
    if not length:
        raise operation_error("length cannot be zero")
    salt, digest = bytes.fromhex(algorithm["salt"]), algorithm["hash"]["name"]
    if algorithm["name"] == "PBKDF2":
        if not algorithm["iterations"]:
            raise operation_error("iterations cannot be zero")
        name = digest.replace("-", "")
        return hashlib.pbkdf2_hmac(name, material(key), salt, algorithm["iterations"], length // 8)
    info = bytes.fromhex(algorithm["info"])
    return HKDF(hash_of(digest), length // 8, salt, info).derive(material(key))


def _shared_bits(algorithm: Algorithm, key: Key, length: int | None) -> bytes:
    own, theirs = private_key(key), public_key(algorithm["public"])
    is_curve = isinstance(own, ec.EllipticCurvePrivateKey)
    shared: bytes = own.exchange(ec.ECDH(), theirs) if is_curve else own.exchange(theirs)
    if length is None:
        return shared
    if length > len(shared) * 8:
        raise operation_error("derived bit length is too small")
    return shared[: -(-length // 8)]
