"""Web Crypto for scripts: the cryptography of `crypto.subtle`, whose rules are in `javascript/subtle.js`.

It runs in the script's own confined process, whose limits therefore apply to it.
"""

# The library imports this module at its first signature, when a confined process cannot import anything.
import cryptography.hazmat.backends.openssl.backend  # noqa: F401

from .calls import call

__all__ = ["call"]
