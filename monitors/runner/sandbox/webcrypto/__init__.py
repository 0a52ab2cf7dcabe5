"""Web Crypto for scripts: the mathematics of `crypto.subtle`. Its rules are in `javascript/subtle.js`.

It runs in the script's own confined process, so what it costs counts against that process's limits.
"""

# The library loads it when it first signs; a confined process cannot load anything.
import cryptography.hazmat.backends.openssl.backend  # noqa: F401

from .calls import call

__all__ = ["call"]
