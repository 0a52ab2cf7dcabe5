"""Encodes the parts of URLs as postman-url-encoder does."""

from __future__ import annotations

import ipaddress
import re
import socket

from monitors.runner import javascript

NUMERIC_HOST = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$")


def _encode_table(extra: str) -> list[str]:
    """The text for each byte: encodes controls, everything outside ASCII, and the characters in `extra`."""
    return [
        f"%{byte:02X}" if byte < 0x20 or byte > 0x7E or chr(byte) in extra else chr(byte)
        for byte in range(256)
    ]


QUERY = _encode_table(" \"#'<>")
FRAGMENT = _encode_table(' "<>`')
PATH = _encode_table(' "<>`#?{}')
USER_INFO = _encode_table(' "<>`#?{}/:;=@[\\]^|')


def percent_encode(text: str, table: list[str]) -> str:
    """Encode a part of a URL by one of the tables above."""
    return "".join(map(table.__getitem__, javascript.utf8(text)))


def encode_host(host: str) -> str:
    """The host as Node's `domainToASCII` writes it: in ASCII, and any numeric IPv4 address in dotted form."""
    if not host:
        return ""
    if host.startswith("[") and host.endswith("]"):
        return _ipv6(host)
    if not host.isascii():
        host = _to_ascii(host)
    if NUMERIC_HOST.search(host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
        except OSError:
            return host
    return host


def _ipv6(host: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
    except ValueError:
        return host


def _to_ascii(host: str) -> str:
    import idna  # Its tables are large, and few hosts need them.

    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
    except idna.IDNAError:
        return host
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode()
        for label in mapped.split(".")
    )
