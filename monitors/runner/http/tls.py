"""TLS settings of requests: trusted CAs, client certificates, versions and ciphers."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

import certifi

from monitors.runner.http.failures import failure
from monitors.runner.http.message import ANY_TLS, TlsBehavior
from monitors.runner.http.private_keys import check_cost

MEMORY = Path("/dev/shm")
"""Linux keeps the files of this directory in memory."""
MAX_CONTEXTS = 20
"""How many a run keeps: each holds all public CAs, and every request may need another one."""
OUR_PROTOCOLS = ("TLSv1_2", "TLSv1_3")
NO_VERSION = "The request's settings disable every version of TLS that is spoken here: 1.2 and 1.3."
NO_CIPHER = "The request's settings allow no cipher that is known here: change its cipher suite selection."


@dataclass(frozen=True)
class HostTls:
    """A host's client certificate and custom CA, as PEM text held in memory.

    `host` is a name, maybe with `*.` in front and a port behind (`*.example.com:8443`), as in Postman's
    settings; without a port it holds for every port.
    """

    host: str
    certificate: str = ""
    key: str = ""
    passphrase: str = ""
    ca: str = ""

    def matches(self, host: str, port: int) -> bool:
        """Whether these certificates apply to a host and port."""
        name, colon, wanted_port = self.host.lower().rpartition(":")
        if not colon or "]" in wanted_port:
            name, wanted_port = self.host.lower(), ""
        return fnmatch(host.lower(), name.strip("[]")) and wanted_port in ("", "*", str(port))

    def make_context(self, verify: bool) -> ssl.SSLContext:
        """A context that trusts the CA in addition to the public ones and sends the certificate.

        Raises ValueError for PEM text that cannot be read.
        """
        context = _new_context(verify)
        try:
            if self.key:
                check_cost(self.key)
            if self.ca:
                context.load_verify_locations(cadata=self.ca)
            if self.certificate:
                self._load_certificate(context)
        except (ssl.SSLError, OSError, ValueError) as error:
            raise ValueError(f"The certificates for {self.host} cannot be read: {error}") from None
        return context

    def _load_certificate(self, context: ssl.SSLContext) -> None:
        # The ssl module reads keys only from files. Only our user can read this one; it is deleted at once.
        with tempfile.NamedTemporaryFile("w", suffix=".pem", dir=MEMORY if MEMORY.is_dir() else None) as file:
            file.write(f"{self.certificate}\n{self.key}")
            file.flush()
            context.load_cert_chain(file.name, password=self.passphrase)


class TlsContexts:
    """The TLS contexts of a run, each made once."""

    def __init__(self, hosts: Sequence[HostTls]) -> None:
        self._hosts = hosts
        self._made: dict[tuple[HostTls | None, bool, TlsBehavior], ssl.SSLContext] = {}

    def context_for(
        self, host: str, port: int, verify: bool, behavior: TlsBehavior = ANY_TLS
    ) -> ssl.SSLContext:
        """The context for a connection to a host.

        Raises ValueError as `HostTls.make_context` does, RequestFailed where its ciphers are unknown.
        """
        special = next((entry for entry in self._hosts if entry.matches(host, port)), None)
        if special is None and behavior == ANY_TLS:
            return _public_context(verify)
        key = special, verify, behavior
        if key not in self._made:
            context = special.make_context(verify) if special else _new_context(verify)
            _apply(behavior, context)
            if len(self._made) >= MAX_CONTEXTS:
                self._made.clear()
            self._made[key] = context
        return self._made[key]


def _apply(behavior: TlsBehavior, context: ssl.SSLContext) -> None:
    disabled = behavior.disabled_protocols
    if disabled.issuperset(OUR_PROTOCOLS):
        raise failure("ERR_SSL_NO_PROTOCOLS_AVAILABLE", "SSL routines::no protocols available", NO_VERSION)
    if "TLSv1_2" in disabled:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    if "TLSv1_3" in disabled:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if behavior.prefer_server_ciphers:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    if not behavior.ciphers:
        return
    older = [name for name in behavior.ciphers if not name.startswith("TLS_")]
    if not older:  # as in Node, that leaves out the older versions
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return
    try:
        context.set_ciphers(":".join(older))
    except ssl.SSLError:
        raise failure("ERR_SSL_NO_CIPHER_MATCH", "SSL routines::no cipher match", NO_CIPHER) from None


@lru_cache(maxsize=2)
def _public_context(verify: bool) -> ssl.SSLContext:
    """Shared by all runs of a process: reading the public CAs takes tens of milliseconds."""
    return _new_context(verify)


def _new_context(verify: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if verify:
        context.load_verify_locations(certifi.where())
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
