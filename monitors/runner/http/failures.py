"""What went wrong, in Node's codes and words, with a sentence for people who do not know Node."""

from __future__ import annotations

import errno
import re
import socket
import ssl

from monitors.runner.http.connecting import ConnectFailed
from monitors.runner.http.egress import EgressDenied
from monitors.runner.http.message import RequestFailed

EXPLANATIONS = {
    "ENOTFOUND": "The host name could not be found in DNS. Check its spelling.",
    "EAI_AGAIN": "DNS did not respond for this host name. Check the name server, then try again.",
    "ECONNREFUSED": "Nothing listens on this host and port, or a firewall refuses the connection.",
    "ECONNRESET": "The server closed the connection before the response was complete.",
    "EPIPE": "The server closed the connection while the request was being sent.",
    "EHOSTUNREACH": "There is no route to this host from here.",
    "ENETUNREACH": "There is no route to this host's network from here.",
    "ETIMEDOUT": "No connection could be made in the time allowed.",
    "ESOCKETTIMEDOUT": "The server did not respond in the time allowed.",
    "EPROTO": "The two sides could not agree on TLS. Does this port speak HTTPS?",
    "DEPTH_ZERO_SELF_SIGNED_CERT": "The server's certificate is self-signed. Add it as a CA for this host.",
    "SELF_SIGNED_CERT_IN_CHAIN": "The server's certificate comes from an unknown CA. Add it for this host.",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE": (
        "The server's certificate comes from an unknown CA, or the intermediate certificate is not sent."
    ),
    "CERT_HAS_EXPIRED": "The server's certificate has expired.",
    "CERT_NOT_YET_VALID": "The server's certificate is not valid yet.",
    "ERR_TLS_CERT_ALTNAME_INVALID": "The server's certificate is for another host name.",
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED": (
        "The server wants a client certificate. Add one for this host."
    ),
    "HPE_INVALID_CONSTANT": "The server's response is not HTTP.",
    "HPE_HEADER_OVERFLOW": "The server's header is longer than 16 KB.",
    "Z_DATA_ERROR": "The server's response claims to be compressed, but cannot be decompressed.",
    "Z_BUF_ERROR": "The server's compressed response is incomplete.",
    "ERR_BROTLI": "The server's response claims to be compressed, but cannot be decompressed.",
    "ERR_INVALID_HTTP_TOKEN": "The method or a header's name has a character that HTTP does not allow there.",
    "ERR_INVALID_CHAR": "A header's value has a character that HTTP does not allow, such as a line break.",
    "ERR_UNESCAPED_CHARACTERS": "The URL has characters that must be encoded, and encoding is switched off.",
    "ERR_SOCKET_BAD_PORT": "The URL's port is not a number below 65536.",
}

ENDED_BY_TLS = "The server ended the connection with a TLS alert."

# OpenSSL's X509_V_ERR numbers, by the names that Node gives them.
CERTIFICATE_CODES = {
    2: "UNABLE_TO_GET_ISSUER_CERT",
    7: "CERT_SIGNATURE_FAILURE",
    9: "CERT_NOT_YET_VALID",
    10: "CERT_HAS_EXPIRED",
    18: "DEPTH_ZERO_SELF_SIGNED_CERT",
    19: "SELF_SIGNED_CERT_IN_CHAIN",
    # OpenSSL stops at the missing issuer; Node goes on and reports that the first certificate is unproven.
    20: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    21: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    22: "CERT_CHAIN_TOO_LONG",
    23: "CERT_REVOKED",
    24: "INVALID_CA",
    26: "INVALID_PURPOSE",
    27: "CERT_UNTRUSTED",
    28: "CERT_REJECTED",
    62: "ERR_TLS_CERT_ALTNAME_INVALID",
    64: "ERR_TLS_CERT_ALTNAME_INVALID",
}
CERTIFICATE_MESSAGES = {
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE": "unable to verify the first certificate",
    "DEPTH_ZERO_SELF_SIGNED_CERT": "self-signed certificate",
    "SELF_SIGNED_CERT_IN_CHAIN": "self-signed certificate in certificate chain",
}


def failure(code: str, message: str, explanation: str = "") -> RequestFailed:
    """A failure with the explanation of its code, unless one is given for this case."""
    if code.startswith("HPE_") and not explanation:
        explanation = EXPLANATIONS.get(code, "The server's response breaks the rules of HTTP.")
    return RequestFailed(code, message, explanation or EXPLANATIONS.get(code, ""))


def connect_failure(error: OSError, host: str) -> RequestFailed:
    """Why no connection to a host came about: the guard, DNS, the network or time."""
    if isinstance(error, EgressDenied):
        return RequestFailed("EGRESS_DENIED", str(error))
    if isinstance(error, socket.gaierror):
        code = "EAI_AGAIN" if error.errno == socket.EAI_AGAIN else "ENOTFOUND"
        return failure(code, f"getaddrinfo {code} {host}")
    if isinstance(error, TimeoutError):
        return failure("ETIMEDOUT", "ETIMEDOUT")
    code = _errno_name(error)
    return failure(code, f"connect {code} {error.address if isinstance(error, ConnectFailed) else host}")


def transfer_failure(error: OSError, syscall: str) -> RequestFailed:
    """Why a connection broke while a request was written (`write`) or its response read (`read`)."""
    if isinstance(error, TimeoutError):
        return failure("ESOCKETTIMEDOUT", "ESOCKETTIMEDOUT")
    if isinstance(error, ssl.SSLEOFError):
        return hang_up()
    if isinstance(error, ssl.SSLError):
        return _refused_by_tls(error) if syscall == "read" else _protocol_failure(error, syscall)
    code = _errno_name(error)
    return failure(code, f"{syscall} {code}")


def tls_failure(error: OSError, host: str) -> RequestFailed:
    """Why the TLS handshake with a host failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_failure(error, host)
    if isinstance(error, ConnectionResetError):
        return transfer_failure(error, "read")
    if isinstance(error, ssl.SSLEOFError):
        message = "Client network socket disconnected before secure TLS connection was established"
        return failure("ECONNRESET", message)
    return transfer_failure(error, "write")


def hang_up() -> RequestFailed:
    """The server closed the connection before it sent a response."""
    return failure("ECONNRESET", "socket hang up")


def _certificate_failure(error: ssl.SSLCertVerificationError, host: str) -> RequestFailed:
    code = CERTIFICATE_CODES.get(error.verify_code, "CERT_REJECTED")
    if code == "ERR_TLS_CERT_ALTNAME_INVALID":
        return failure(code, f"Hostname/IP does not match certificate's altnames: Host: {host}.")
    return failure(code, CERTIFICATE_MESSAGES.get(code, error.verify_message))


def _protocol_failure(error: ssl.SSLError, syscall: str) -> RequestFailed:
    reason = re.sub(r"_", " ", error.reason or "unknown").lower()
    return failure("EPROTO", f"{syscall} EPROTO SSL routines:{reason}")


def _refused_by_tls(error: ssl.SSLError) -> RequestFailed:
    """An alert after the handshake: how a server of TLS 1.3 says that it wants a certificate."""
    reason = error.reason or "UNKNOWN"
    words = reason.replace("_", " ").lower()
    return failure(
        f"ERR_SSL_{reason}", f"SSL routines:{words}", EXPLANATIONS.get(f"ERR_SSL_{reason}", ENDED_BY_TLS)
    )


def _errno_name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "ECONNRESET")
