"""Keys in and out: raw bytes, SPKI, PKCS#8 and JSON Web Keys.

A key travels as {"type", "algorithm", "material"}: the material is, as hexadecimal digits, a secret's bytes,
a private key's PKCS#8 or a public key's SPKI.
"""

from __future__ import annotations

import secrets
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from . import jwk
from .algorithms import CURVES, curve_name
from .errors import data_error, operation_error

BLOCK_BITS = {"SHA-1": 512, "SHA-256": 512, "SHA-384": 1024, "SHA-512": 1024}
AES_BITS = (128, 192, 256)
SECRETS = {"HMAC", "AES-CTR", "AES-CBC", "AES-GCM", "AES-KW", "HKDF", "PBKDF2"}
ON_CURVES = {"ECDSA", "ECDH"}
EXPONENTS = (3, 65537)
MAX_MODULUS_BITS = 16384
Key = dict[str, Any]

RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def material(key: Key) -> bytes:
    return bytes.fromhex(key["material"])


def private_key(key: Key) -> Any:
    return serialization.load_der_private_key(material(key), None, unsafe_skip_rsa_key_validation=True)


def public_key(key: Key) -> Any:
    return serialization.load_der_public_key(material(key))


def import_key(algorithm: dict[str, Any], form: str, data: Any) -> Key:
    if algorithm["name"] in SECRETS:
        return _import_secret(algorithm, form, data)
    if form == "jwk":
        return _described(algorithm, jwk.load(algorithm, data))
    if form == "raw":
        return _described(algorithm, _from_raw(algorithm, bytes.fromhex(data)))
    if form == "spki":
        return _described(algorithm, serialization.load_der_public_key(bytes.fromhex(data)))
    return _described(algorithm, serialization.load_der_private_key(bytes.fromhex(data), None))


def export_key(key: Key, form: str) -> Any:
    """Hexadecimal digits, or a JSON Web Key as far as the material tells it."""
    if key["type"] == "secret":
        return jwk.of_secret(key["algorithm"], material(key)) if form == "jwk" else key["material"]
    if form == "jwk":
        return jwk.of_key(key["algorithm"], (private_key if key["type"] == "private" else public_key)(key))
    if form == "raw":
        encoding, public_format = POINT if key["algorithm"]["name"] in ON_CURVES else RAW
        return public_key(key).public_bytes(encoding, public_format).hex()
    return key["material"]


def generate_key(algorithm: dict[str, Any]) -> Key | list[Key]:
    """A secret, or a private key and its public one."""
    name = algorithm["name"]
    if name in SECRETS:
        bits = _secret_bits(algorithm)
        return _secret({**algorithm, "length": bits}, secrets.token_bytes((bits + 7) // 8))
    made: Any
    if name in ON_CURVES:
        made = ec.generate_private_key(CURVES[algorithm["namedCurve"]]())
    elif name == "Ed25519":
        made = ed25519.Ed25519PrivateKey.generate()
    elif name == "X25519":
        made = x25519.X25519PrivateKey.generate()
    else:
        made = _generate_rsa(algorithm)
    return [_described(algorithm, made), _described(algorithm, made.public_key())]


def _secret_bits(algorithm: dict[str, Any]) -> int:
    length = algorithm.get("length")
    if algorithm["name"] != "HMAC":
        if length not in AES_BITS:
            raise operation_error("Invalid key length")
        return int(length)
    if length == 0:
        raise operation_error("Zero-length key is not supported")
    return int(length) if length else BLOCK_BITS[algorithm["hash"]["name"]]


def _generate_rsa(algorithm: dict[str, Any]) -> rsa.RSAPrivateKey:
    exponent = int.from_bytes(bytes.fromhex(algorithm["publicExponent"]), "big")
    if exponent not in EXPONENTS or not 1024 <= algorithm["modulusLength"] <= MAX_MODULUS_BITS:
        raise operation_error()
    return rsa.generate_private_key(exponent, algorithm["modulusLength"])


def _import_secret(algorithm: dict[str, Any], form: str, data: Any) -> Key:
    data = jwk.secret_of(algorithm, data) if form == "jwk" else bytes.fromhex(data)
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


def _secret(algorithm: dict[str, Any], data: bytes) -> Key:
    return {"type": "secret", "algorithm": algorithm, "material": data.hex()}


def _from_raw(algorithm: dict[str, Any], data: bytes) -> Any:
    if algorithm["name"] == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(data)
    if algorithm["name"] == "X25519":
        return x25519.X25519PublicKey.from_public_bytes(data)
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[algorithm["namedCurve"]](), data)


def _described(algorithm: dict[str, Any], key: Any) -> Key:
    """A loaded key as it travels. Raises WebCryptoError for one of another algorithm."""
    details = _details(algorithm, key)
    if hasattr(key, "private_bytes"):
        data = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    else:
        data = key.public_bytes(*SPKI)
    kind = "private" if hasattr(key, "private_bytes") else "public"
    return {"type": kind, "algorithm": details, "material": data.hex()}


def _details(algorithm: dict[str, Any], key: Any) -> dict[str, Any]:
    name = algorithm["name"]
    if name in ON_CURVES:
        if not isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
            raise data_error("Invalid key type")
        if curve_name(key.curve) != algorithm["namedCurve"]:
            raise data_error("Named curve mismatch")
        return {"name": name, "namedCurve": algorithm["namedCurve"]}
    kinds: dict[str, Any] = {
        "Ed25519": ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey,
        "X25519": x25519.X25519PrivateKey | x25519.X25519PublicKey,
    }
    if not isinstance(key, kinds.get(name, rsa.RSAPrivateKey | rsa.RSAPublicKey)):
        raise data_error("Invalid key type")
    if name in kinds:
        return {"name": name}
    public = key.public_key() if isinstance(key, rsa.RSAPrivateKey) else key
    exponent = jwk.number_bytes(public.public_numbers().e).hex()
    return {
        "name": name,
        "modulusLength": key.key_size,
        "publicExponent": exponent,
        "hash": algorithm["hash"],
    }
