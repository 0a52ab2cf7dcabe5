"""Measures how much work a private key in PEM form needs before it can be used.

An encrypted key names how often its passphrase is hashed, up to billions of times, and the check of a large
key takes minutes. Both numbers are read here without doing that work. What cannot be read here is refused,
since the more lenient reader that comes after might find a key in it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

MAX_PEM_CHARACTERS = 8 * 1024
"""Enough for an RSA key of 8,192 bits."""

MAX_ITERATIONS = 2_000_000
"""OpenSSL's own default is 2,048, and OWASP asks for 600,000."""

MAX_SCRYPT_MEMORY = 2**18
"""N times r; OpenSSL's own limit of 32 MB."""

MAX_SCRYPT_WORK = 2**20
"""N times r times p."""

BEGINNING = "-----BEGIN "
BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----((?:(?!-----).)*+)-----END \1-----", re.DOTALL)
HASHED_ONCE = re.compile(r"\s*Proc-Type: 4,ENCRYPTED\s")
"""The old way to encrypt, which only keys of OLD_KINDS have."""

OLD_KINDS = ("RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY")

MAX_DEPTH = 10
"""Of an algorithm's parameters; PBES2 has three levels."""

SEQUENCE, INTEGER = 0x30, 0x02
SCRYPT = bytes.fromhex("06092b06010401da47040b")

TOO_LARGE = "This key is too large: RSA keys of up to 8,192 bits are read here."
UNREADABLE = "This key cannot be read. Paste it again, from the first line to the last."
OPENSSH = "This key is in the form of OpenSSH. Convert a copy of it with `ssh-keygen -p -m PKCS8 -f FILE`."
TOO_COSTLY = (
    f"This key's passphrase is hashed more than {MAX_ITERATIONS:,} times, or with too much memory. "
    "Encrypt the key again, for example with `openssl pkcs8 -topk8`."
)


def check_size(pem: str | bytes) -> None:
    """Raise ValueError with a sentence for people if the key takes long to check.

    A key without a passphrase needs no other check.
    """
    if len(pem) > MAX_PEM_CHARACTERS:
        raise ValueError(TOO_LARGE)


def check_cost(pem: str) -> None:
    """Raise ValueError with a sentence for people if the key is invalid or costs too much to read."""
    check_size(pem)
    blocks = BLOCK.findall(pem)
    if not blocks or len(blocks) != pem.count(BEGINNING):
        raise ValueError(UNREADABLE)
    for kind, body in blocks:
        if kind == "OPENSSH PRIVATE KEY":
            raise ValueError(OPENSSH)
        if not (kind in OLD_KINDS and HASHED_ONCE.match(body)):
            _check_derivation(_decoded(body))


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(UNREADABLE) from None


def _check_derivation(der: bytes) -> None:
    """Looks at the first part of an encrypted key, which names how. Other keys begin with a number."""
    outer = list(_elements(der))
    inner = list(_elements(outer[0][1])) if outer and outer[0][0] == SEQUENCE else []
    if not inner:
        raise ValueError(UNREADABLE)
    tag, algorithm = inner[0]
    if tag != SEQUENCE:
        return
    numbers = _integers(algorithm)
    if SCRYPT in algorithm:
        n, r, p = (numbers + [0, 0, 0])[:3]
        if n * r > MAX_SCRYPT_MEMORY or n * r * p > MAX_SCRYPT_WORK:
            raise ValueError(TOO_COSTLY)
    elif any(number > MAX_ITERATIONS for number in numbers):
        raise ValueError(TOO_COSTLY)


def _integers(der: bytes, depth: int = 0) -> list[int]:
    """All integers in their order. In every key derivation the number of iterations is the only large one."""
    if depth > MAX_DEPTH:
        raise ValueError(UNREADABLE)
    found: list[int] = []
    for tag, content in _elements(der):
        if tag == INTEGER:
            found.append(int.from_bytes(content))
        elif tag == SEQUENCE:
            found += _integers(content, depth + 1)
    return found


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element. Raises ValueError for what is not DER to the end."""
    at = 0
    while at < len(der):
        start = at + 2
        tag, length = der[at], der[at + 1] if at + 1 < len(der) else 0x80
        if (
            length >= 0x80
        ):  # so many bytes with the length follow; none means that the end is marked, as in BER
            count = length & 0x7F
            length = int.from_bytes(der[start : start + count])
            start += count
            if not 0 < count <= 4:
                raise ValueError(UNREADABLE)
        if start + length > len(der):
            raise ValueError(UNREADABLE)
        yield tag, der[start : start + length]
        at = start + length
