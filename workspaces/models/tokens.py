"""Hashes of the secrets that the database only has to recognize: API keys and the links of invitations."""

import hashlib


def hash_token(token: str) -> str:
    """The SHA-256 of a random token, in hexadecimal digits.

    A token has 256 random bits, so a fast hash without a salt cannot be reversed by trying.
    """
    return hashlib.sha256(token.encode()).hexdigest()
