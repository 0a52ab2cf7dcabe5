"""The errors of Web Crypto."""

from __future__ import annotations


class WebCryptoError(Exception):
    """A DOMException with this name and message for the script."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def operation_error(
    message: str = "The operation failed for an operation-specific reason",
) -> WebCryptoError:
    return WebCryptoError("OperationError", message)


def data_error(message: str) -> WebCryptoError:
    return WebCryptoError("DataError", message)
