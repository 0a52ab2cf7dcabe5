"""Encryption, and the wrapping of keys by AES-KW."""

from __future__ import annotations

from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR, GCM
from cryptography.hazmat.primitives.padding import PKCS7

from .algorithms import Algorithm, Key, hash_of
from .errors import operation_error
from .keys import material, private_key, public_key

BLOCK_BYTES = 16


def encrypt(algorithm: Algorithm, key: Key, data: str) -> bytes:
    """Encrypt hexadecimal digits. AES-GCM appends its tag. Raises WebCryptoError."""
    plain, name = bytes.fromhex(data), algorithm["name"]
    if name == "RSA-OAEP":
        encrypted: bytes = public_key(key).encrypt(plain, _oaep(algorithm, key))
        return encrypted
    if name == "AES-CTR":
        return _aes_ctr(algorithm, key, plain)
    if name == "AES-CBC":
        padder = PKCS7(BLOCK_BYTES * 8).padder()
        context = Cipher(AES(material(key)), CBC(bytes.fromhex(algorithm["iv"]))).encryptor()
        return _all(context, padder.update(plain) + padder.finalize())
    mode = GCM(bytes.fromhex(algorithm["iv"]))
    encryptor = Cipher(AES(material(key)), mode).encryptor()
    encryptor.authenticate_additional_data(bytes.fromhex(algorithm["additionalData"]))
    return _all(encryptor, plain) + encryptor.tag[: algorithm["tagLength"] // 8]


def decrypt(algorithm: Algorithm, key: Key, data: str) -> bytes:
    """Decrypt hexadecimal digits. Raises WebCryptoError, ValueError, and InvalidTag for a wrong key."""
    encrypted, name = bytes.fromhex(data), algorithm["name"]
    if name == "RSA-OAEP":
        plain: bytes = private_key(key).decrypt(encrypted, _oaep(algorithm, key))
        return plain
    if name == "AES-CTR":
        return _aes_ctr(algorithm, key, encrypted)
    if name == "AES-CBC":
        context = Cipher(AES(material(key)), CBC(bytes.fromhex(algorithm["iv"]))).decryptor()
        unpadder = PKCS7(BLOCK_BYTES * 8).unpadder()
        return unpadder.update(_all(context, encrypted)) + unpadder.finalize()
    tag_bytes = algorithm["tagLength"] // 8
    if len(encrypted) < tag_bytes:
        raise operation_error("The provided data is too small.")
    cut = len(encrypted) - tag_bytes
    mode = GCM(bytes.fromhex(algorithm["iv"]), encrypted[cut:], tag_bytes)
    decryptor = Cipher(AES(material(key)), mode).decryptor()
    decryptor.authenticate_additional_data(bytes.fromhex(algorithm["additionalData"]))
    return _all(decryptor, encrypted[:cut])


def wrap(key: Key, data: str) -> bytes:
    """Wrap a key, given as hexadecimal digits, by AES-KW (RFC 3394)."""
    return keywrap.aes_key_wrap(material(key), bytes.fromhex(data))


def unwrap(key: Key, data: str) -> bytes:
    """Unwrap a key by AES-KW. Raises WebCryptoError when it was wrapped by another key."""
    try:
        return keywrap.aes_key_unwrap(material(key), bytes.fromhex(data))
    except keywrap.InvalidUnwrap:
        raise operation_error() from None


def _all(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()


def _oaep(algorithm: Algorithm, key: Key) -> rsa_padding.OAEP:
    digest = hash_of(key["algorithm"]["hash"]["name"])
    label = bytes.fromhex(algorithm["label"])
    return rsa_padding.OAEP(rsa_padding.MGF1(digest), digest, label or None)


def _aes_ctr(algorithm: Algorithm, key: Key, data: bytes) -> bytes:
    """AES-CTR encrypts and decrypts alike. Only the last `length` bits of the counter increase; after their
    largest value they continue with 0."""
    bits, start = algorithm["length"], int.from_bytes(bytes.fromhex(algorithm["counter"]), "big")
    blocks = -(-len(data) // BLOCK_BYTES)
    if blocks > 1 << bits:
        raise operation_error()
    blocks_until_overflow = (1 << bits) - start % (1 << bits)
    cut = blocks_until_overflow * BLOCK_BYTES
    after_overflow = start >> bits << bits
    return b"".join(
        _all(Cipher(AES(material(key)), CTR(counter.to_bytes(BLOCK_BYTES, "big"))).encryptor(), part)
        for counter, part in ((start, data[:cut]), (after_overflow, data[cut:]))
    )
