"""Encryption, and the wrapping of keys that AES-KW adds to it."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR, GCM
from cryptography.hazmat.primitives.padding import PKCS7

from .algorithms import hash_of
from .errors import operation_error
from .keys import Key, material, private_key, public_key

BLOCK_BYTES = 16


def encrypt(algorithm: dict[str, Any], key: Key, data: str) -> bytes:
    plain, name = bytes.fromhex(data), algorithm["name"]
    if name == "RSA-OAEP":
        encrypted: bytes = public_key(key).encrypt(plain, _oaep(algorithm, key))
        return encrypted
    if name == "AES-CTR":
        return _count(algorithm, key, plain)
    if name == "AES-CBC":
        padder = PKCS7(BLOCK_BYTES * 8).padder()
        context = Cipher(AES(material(key)), CBC(bytes.fromhex(algorithm["iv"]))).encryptor()
        return _all(context, padder.update(plain) + padder.finalize())
    mode = GCM(bytes.fromhex(algorithm["iv"]))
    sealing = Cipher(AES(material(key)), mode).encryptor()
    sealing.authenticate_additional_data(bytes.fromhex(algorithm["additionalData"]))
    return _all(sealing, plain) + sealing.tag[: algorithm["tagLength"] // 8]


def decrypt(algorithm: dict[str, Any], key: Key, data: str) -> bytes:
    encrypted, name = bytes.fromhex(data), algorithm["name"]
    if name == "RSA-OAEP":
        plain: bytes = private_key(key).decrypt(encrypted, _oaep(algorithm, key))
        return plain
    if name == "AES-CTR":
        return _count(algorithm, key, encrypted)
    if name == "AES-CBC":
        context = Cipher(AES(material(key)), CBC(bytes.fromhex(algorithm["iv"]))).decryptor()
        unpadder = PKCS7(BLOCK_BYTES * 8).unpadder()
        return unpadder.update(_all(context, encrypted)) + unpadder.finalize()
    tag_bytes = algorithm["tagLength"] // 8
    if len(encrypted) < tag_bytes:
        raise operation_error("The provided data is too small.")
    cut = len(encrypted) - tag_bytes
    mode = GCM(bytes.fromhex(algorithm["iv"]), encrypted[cut:], tag_bytes)
    opening = Cipher(AES(material(key)), mode).decryptor()
    opening.authenticate_additional_data(bytes.fromhex(algorithm["additionalData"]))
    return _all(opening, encrypted[:cut])


def wrap(key: Key, data: str) -> bytes:
    return keywrap.aes_key_wrap(material(key), bytes.fromhex(data))


def unwrap(key: Key, data: str) -> bytes:
    try:
        return keywrap.aes_key_unwrap(material(key), bytes.fromhex(data))
    except keywrap.InvalidUnwrap:
        raise operation_error() from None


def _all(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()


def _oaep(algorithm: dict[str, Any], key: Key) -> rsa_padding.OAEP:
    digest = hash_of(key["algorithm"]["hash"]["name"])
    label = bytes.fromhex(algorithm["label"])
    return rsa_padding.OAEP(rsa_padding.MGF1(digest), digest, label or None)


def _count(algorithm: dict[str, Any], key: Key, data: bytes) -> bytes:
    """AES-CTR. Only the counter's last `length` bits count; past their end they begin at 0 again."""
    bits, start = algorithm["length"], int.from_bytes(bytes.fromhex(algorithm["counter"]), "big")
    blocks = -(-len(data) // BLOCK_BYTES)
    if blocks > 1 << bits:
        raise operation_error()
    until_end = (1 << bits) - start % (1 << bits)
    cut = until_end * BLOCK_BYTES
    begun_again = start >> bits << bits
    return b"".join(
        _all(Cipher(AES(material(key)), CTR(counter.to_bytes(BLOCK_BYTES, "big"))).encryptor(), part)
        for counter, part in ((start, data[:cut]), (begun_again, data[cut:]))
    )
