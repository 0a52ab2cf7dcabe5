"""Imports, exports and generates keys: raw bytes, SPKI, PKCS#8 and JSON Web Keys."""

from __future__ import annotations

import secrets
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from . import jwk
from .algorithms import CURVES, Algorithm, Key, curve_name
from .errors import data_error, operation_error

BLOCK_BITS = {"SHA-1": 512, "SHA-256": 512, "SHA-384": 1024, "SHA-512": 1024}
AES_BITS = (128, 192, 256)
SECRETS = {"HMAC", "AES-CTR", "AES-CBC", "AES-GCM", "AES-KW", "HKDF", "PBKDF2"}
ON_CURVES = {"ECDSA", "ECDH"}
OCTET_KEYS = {
    "Ed25519": (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey),
    "X25519": (x25519.X25519PrivateKey, x25519.X25519PublicKey),
}
EXPONENTS = (3, 65537)
MAX_MODULUS_BITS = 16384

RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def material(key: Key) -> bytes:
    """The bytes of a key's material."""
    return bytes.fromhex(key["material"])


def private_key(key: Key) -> Any:
    """The library's private key, of the class that fits the algorithm."""
    return serialization.load_der_private_key(material(key), None, unsafe_skip_rsa_key_validation=True)


def public_key(key: Key) -> Any:
    """The library's public key, of the class that fits the algorithm."""
    return serialization.load_der_public_key(material(key))


def import_key(algorithm: Algorithm, form: str, data: str | jwk.JsonWebKey) -> Key:
    """`data` is a JSON Web Key for the form `jwk`, else hexadecimal digits. Raises WebCryptoError."""
    if isinstance(data, dict):
        return _import_jwk(algorithm, data)
    if algorithm["name"] in SECRETS:
        return _import_secret(algorithm, bytes.fromhex(data))
    if form == "raw":
        return _key(algorithm, _from_raw(algorithm, bytes.fromhex(data)))
    if form == "spki":
        return _key(algorithm, serialization.load_der_public_key(bytes.fromhex(data)))
    return _key(algorithm, serialization.load_der_private_key(bytes.fromhex(data), None))


def _import_jwk(algorithm: Algorithm, data: jwk.JsonWebKey) -> Key:
    if algorithm["name"] in SECRETS:
        return _import_secret(algorithm, jwk.secret_of(algorithm, data))
    return _key(algorithm, jwk.load(algorithm, data))


def export_key(key: Key, form: str) -> str | jwk.JsonWebKey:
    """A JSON Web Key without `ext` and `key_ops` for the form `jwk`, else hexadecimal digits."""
    if key["type"] == "secret":
        return jwk.of_secret(key["algorithm"], material(key)) if form == "jwk" else key["material"]
    if form == "jwk":
        return jwk.of_key(key["algorithm"], (private_key if key["type"] == "private" else public_key)(key))
    if form == "raw":
        encoding, public_format = POINT if key["algorithm"]["name"] in ON_CURVES else RAW
        raw: bytes = public_key(key).public_bytes(encoding, public_format)
        return raw.hex()
    return key["material"]


def generate_key(algorithm: Algorithm) -> Key | list[Key]:
    """A secret, or a private key and its public key."""
    name = algorithm["name"]
    if name in SECRETS:
        bits = _secret_bits(algorithm)
        return _secret({**algorithm, "length": bits}, secrets.token_bytes((bits + 7) // 8))
    private: Any
    if name in ON_CURVES:
        private = ec.generate_private_key(CURVES[algorithm["namedCurve"]]())
    elif name == "Ed25519":
        private = ed25519.Ed25519PrivateKey.generate()
    elif name == "X25519":
        private = x25519.X25519PrivateKey.generate()
    else:
        private = _generate_rsa(algorithm)
    return [_key(algorithm, private), _key(algorithm, private.public_key())]


def _secret_bits(algorithm: Algorithm) -> int:
    length = algorithm.get("length")
    if algorithm["name"] != "HMAC":
        if length not in AES_BITS:
            raise operation_error("Invalid key length")
        return int(length)
    if length == 0:
        raise operation_error("Zero-length key is not supported")
    return int(length) if length else BLOCK_BITS[algorithm["hash"]["name"]]


def _generate_rsa(algorithm: Algorithm) -> rsa.RSAPrivateKey:
    exponent = int.from_bytes(bytes.fromhex(algorithm["publicExponent"]), "big")
    if exponent not in EXPONENTS or not 1024 <= algorithm["modulusLength"] <= MAX_MODULUS_BITS:
        raise operation_error()
    return rsa.generate_private_key(exponent, algorithm["modulusLength"])


def _import_secret(algorithm: Algorithm, data: bytes) -> Key:
    bits = len(data) * 8
    if algorithm["name"].startswith("AES") and bits not in AES_BITS:
        raise data_error("Invalid key length")
    if algorithm["name"] == "HMAC":
        if not bits:
            raise data_error("Zero-length key is not supported")
        if algorithm.get("length") not in (None, bits):
            raise data_error("Invalid key length")
    if algorithm["name"] in ("HKDF", "PBKDF2"):
        return _secret({"name": algorithm["name"]}, data)
    return _secret({**algorithm, "length": bits}, data)


def _secret(algorithm: Algorithm, data: bytes) -> Key:
    return {"type": "secret", "algorithm": algorithm, "material": data.hex()}


def _from_raw(algorithm: Algorithm, data: bytes) -> Any:
    if algorithm["name"] == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(data)
    if algorithm["name"] == "X25519":
        return x25519.X25519PublicKey.from_public_bytes(data)
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[algorithm["namedCurve"]](), data)


def _key(algorithm: Algorithm, key: Any) -> Key:
    """A loaded key for JavaScript. Raises WebCryptoError when it is a key of another algorithm."""
    details = _details(algorithm, key)
    if hasattr(key, "private_bytes"):
        data = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    else:
        data = key.public_bytes(*SPKI)
    kind = "private" if hasattr(key, "private_bytes") else "public"
    return {"type": kind, "algorithm": details, "material": data.hex()}


def _details(algorithm: Algorithm, key: Any) -> Algorithm:
    name = algorithm["name"]
    if name in ON_CURVES:
        if not isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
            raise data_error("Invalid key type")
        if curve_name(key.curve) != algorithm["namedCurve"]:
            raise data_error("Named curve mismatch")
        return {"name": name, "namedCurve": algorithm["namedCurve"]}
    if name in OCTET_KEYS:
        if not isinstance(key, OCTET_KEYS[name]):
            raise data_error("Invalid key type")
        return {"name": name}
    if not isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        raise data_error("Invalid key type")
    public = key.public_key() if isinstance(key, rsa.RSAPrivateKey) else key
    exponent = jwk.number_bytes(public.public_numbers().e).hex()
    return {
        "name": name,
        "modulusLength": key.key_size,
        "publicExponent": exponent,
        "hash": algorithm["hash"],
    }
