"""What Web Crypto refuses, by the names of DOMException."""

from __future__ import annotations


class WebCryptoError(Exception):
    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def operation_error(
    message: str = "The operation failed for an operation-specific reason",
) -> WebCryptoError:
    return WebCryptoError("OperationError", message)


def data_error(message: str) -> WebCryptoError:
    return WebCryptoError("DataError", message)


def not_supported(message: str) -> WebCryptoError:
    return WebCryptoError("NotSupportedError", message)
