"""Encrypted private keys that say how much work it is to read them; there is no key in them."""

import base64

PBES2, PBKDF2, SCRYPT = "06092a864886f70d01050d", "06092a864886f70d01050c", "06092b06010401da47040b"
PKCS12 = "060a2a864886f70d010c0103"


def element(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([tag, 0x82]) + len(content).to_bytes(2) + content


def number(value: int) -> bytes:
    return element(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def encrypted(algorithm: bytes) -> str:
    der = element(0x30, algorithm, element(0x04, b"\0" * 160))
    return pem("ENCRYPTED PRIVATE KEY", der)


def pem(kind: str, der: bytes) -> str:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(der).decode()}-----END {kind}-----\n"


def pbkdf2(iterations: int) -> str:
    derivation = element(0x30, element(0x04, b"salt" * 2), number(iterations))
    function = element(0x30, bytes.fromhex(PBKDF2), derivation)
    return encrypted(element(0x30, bytes.fromhex(PBES2), element(0x30, function)))


def scrypt(n: int, r: int, p: int) -> str:
    derivation = element(0x30, element(0x04, b"salt" * 2), number(n), number(r), number(p))
    function = element(0x30, bytes.fromhex(SCRYPT), derivation)
    return encrypted(element(0x30, bytes.fromhex(PBES2), element(0x30, function)))


def pkcs12(iterations: int) -> str:
    parameters = element(0x30, element(0x04, b"salt" * 2), number(iterations))
    return encrypted(element(0x30, bytes.fromhex(PKCS12), parameters))
