"""JSON Web Keys (RFC 7517) for Web Crypto's algorithms. The caller checks `use`, `key_ops` and `ext`."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from .algorithms import CURVES, Algorithm, coordinate_size, curve_name
from .errors import data_error

JsonWebKey = dict[str, object]
HMAC_NAMES = {"SHA-1": "HS1", "SHA-256": "HS256", "SHA-384": "HS384", "SHA-512": "HS512"}
RSA_NAMES = {"RSASSA-PKCS1-v1_5": "RS", "RSA-PSS": "PS"}
RAW_PRIVATE = (
    serialization.Encoding.Raw,
    serialization.PrivateFormat.Raw,
    serialization.NoEncryption(),
)
RAW_PUBLIC = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def number_bytes(number: int, size: int | None = None) -> bytes:
    """A number in big-endian order, in `size` bytes or in as few as possible."""
    return number.to_bytes((number.bit_length() + 7) // 8 if size is None else size, "big")


def encoded(data: bytes) -> str:
    """Base64 in its URL alphabet without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def algorithm_name(algorithm: Algorithm, bits: int) -> str | None:
    """The key's `alg`; None for keys that have none. `bits` is the length of a secret key."""
    name, digest = algorithm["name"], algorithm["hash"]["name"] if "hash" in algorithm else ""
    if name == "HMAC":
        return HMAC_NAMES[digest]
    if name.startswith("AES-"):
        return f"A{bits}{name.removeprefix('AES-')}"
    if name == "RSA-OAEP":
        return "RSA-OAEP" if digest == "SHA-1" else f"RSA-OAEP-{digest.removeprefix('SHA-')}"
    return RSA_NAMES[name] + digest.removeprefix("SHA-") if name in RSA_NAMES else None


def secret_of(algorithm: Algorithm, key: JsonWebKey) -> bytes:
    """The bytes of a symmetric key. Raises WebCryptoError."""
    _expect(key, "kty", "oct")
    data = _member(key, "k")
    _expect_algorithm(key, algorithm, len(data) * 8)
    return data


def of_secret(algorithm: Algorithm, data: bytes) -> JsonWebKey:
    """The JSON Web Key of a symmetric key."""
    return {"kty": "oct", "k": encoded(data), "alg": algorithm_name(algorithm, len(data) * 8)}


def load(algorithm: Algorithm, key: JsonWebKey) -> Any:
    """A private key if the JSON Web Key has the parts of one, else a public key. Raises WebCryptoError."""
    if algorithm["name"] in ("ECDSA", "ECDH"):
        return _load_on_curve(algorithm, key)
    if algorithm["name"] in ("Ed25519", "X25519"):
        return _load_octets(algorithm["name"], key)
    _expect(key, "kty", "RSA")
    _expect_algorithm(key, algorithm, 0)
    public = rsa.RSAPublicNumbers(_number(key, "e"), _number(key, "n"))
    if "d" not in key:
        return public.public_key()
    p, q, d, dp, dq, qi = (_number(key, name) for name in ("p", "q", "d", "dp", "dq", "qi"))
    return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public).private_key()


def _load_on_curve(algorithm: Algorithm, key: JsonWebKey) -> Any:
    _expect(key, "kty", "EC")
    if key.get("crv") != algorithm["namedCurve"]:
        raise data_error('JWK "crv" does not match the requested algorithm')
    curve = CURVES[algorithm["namedCurve"]]()
    public = ec.EllipticCurvePublicNumbers(_number(key, "x"), _number(key, "y"), curve)
    if "d" not in key:
        return public.public_key()
    return ec.EllipticCurvePrivateNumbers(_number(key, "d"), public).private_key()


def _load_octets(name: str, key: JsonWebKey) -> Any:
    _expect(key, "kty", "OKP")
    if key.get("crv") != name:
        raise data_error('JWK "crv" Parameter and algorithm name mismatch')
    if "d" not in key:
        public = ed25519.Ed25519PublicKey if name == "Ed25519" else x25519.X25519PublicKey
        return public.from_public_bytes(_member(key, "x"))
    private = ed25519.Ed25519PrivateKey if name == "Ed25519" else x25519.X25519PrivateKey
    return private.from_private_bytes(_member(key, "d"))


def of_key(algorithm: Algorithm, key: Any) -> JsonWebKey:
    """The JSON Web Key of a private or public key of the library."""
    parts: JsonWebKey
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        parts = _of_rsa(key)
        parts["alg"] = algorithm_name(algorithm, 0)
    elif isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        parts = _of_curve(key)
    else:
        public = key.public_key() if hasattr(key, "private_bytes") else key
        parts = {"kty": "OKP", "crv": algorithm["name"], "x": encoded(public.public_bytes(*RAW_PUBLIC))}
        if isinstance(public, ed25519.Ed25519PublicKey):
            parts["alg"] = "Ed25519"
        if hasattr(key, "private_bytes"):
            parts["d"] = encoded(key.private_bytes(*RAW_PRIVATE))
    return parts


def _of_rsa(key: rsa.RSAPrivateKey | rsa.RSAPublicKey) -> JsonWebKey:
    public = (key.public_key() if isinstance(key, rsa.RSAPrivateKey) else key).public_numbers()
    numbers = {"n": public.n, "e": public.e}
    if isinstance(key, rsa.RSAPrivateKey):
        own = key.private_numbers()
        numbers |= {"d": own.d, "p": own.p, "q": own.q, "dp": own.dmp1, "dq": own.dmq1, "qi": own.iqmp}
    return {"kty": "RSA", **{name: encoded(number_bytes(number)) for name, number in numbers.items()}}


def _of_curve(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> JsonWebKey:
    size = coordinate_size(key.curve)
    public = (key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key).public_numbers()
    numbers = {"x": public.x, "y": public.y}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        numbers["d"] = key.private_numbers().private_value
    parts = {name: encoded(number_bytes(number, size)) for name, number in numbers.items()}
    return {"kty": "EC", "crv": curve_name(key.curve), **parts}


def _expect(key: JsonWebKey, name: str, value: str) -> None:
    if key.get(name) != value:
        raise data_error(f'Invalid JWK "{name}" Parameter')


def _expect_algorithm(key: JsonWebKey, algorithm: Algorithm, bits: int) -> None:
    if "alg" in key and key["alg"] != algorithm_name(algorithm, bits):
        raise data_error('JWK "alg" does not match the requested algorithm')


def _member(key: JsonWebKey, name: str) -> bytes:
    text = key.get(name)
    if not isinstance(text, str):
        raise data_error("Invalid keyData")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise data_error("Invalid keyData") from None


def _number(key: JsonWebKey, name: str) -> int:
    return int.from_bytes(_member(key, name), "big")
