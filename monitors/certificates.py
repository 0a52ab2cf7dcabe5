"""What PEM text holds, and whether a certificate, its key and an authority can be used."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.utils import timezone

from monitors.runner.http.private_keys import check_cost

MAX_CERTIFICATE_CHARACTERS = 512 * 1024
"""About twice the size of an operating system's public certificate authorities."""

PUBLIC = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class CertificateFacts:
    """What people recognize a certificate by."""

    subject: str
    issuer: str
    expires_at: datetime

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


def facts_of(pem: str) -> CertificateFacts:
    """The facts of the first certificate in the text. Raises ValueError."""
    first = read_certificates(pem)[0]
    return CertificateFacts(
        first.subject.rfc4514_string(), first.issuer.rfc4514_string(), first.not_valid_after_utc
    )


def read_certificates(pem: str) -> list[x509.Certificate]:
    """Reads all certificates of PEM text. Raises ValueError with a sentence for the person who pasted it."""
    # A stored certificate is shown again, which must never happen to a key.
    if len(pem) > MAX_CERTIFICATE_CHARACTERS:
        raise ValueError("This is too large: leave out the certificates that the host does not need.")
    if "PRIVATE KEY" in pem:
        raise ValueError(
            "This holds a private key. Paste the certificate alone, and the key in its own field."
        )
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise ValueError(
            "This is not a certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----."
        )


def check_certificates(pem: str, now: datetime) -> None:
    """Raises ValueError when the text holds no certificate, or one that has expired."""
    for certificate in read_certificates(pem):
        if (end := certificate.not_valid_after_utc) <= now:
            name = certificate.subject.rfc4514_string()
            raise ValueError(f"The certificate of {name} expired on {end.day} {end:%b %Y}. Paste a new one.")


def check_key(certificate: str, key: str, passphrase: str) -> None:
    """Raises ValueError when the key cannot be read or belongs to another certificate."""
    public_key = read_key(key, passphrase).public_key()
    wanted = read_certificates(certificate)[0].public_key()
    if public_key.public_bytes(*PUBLIC) != wanted.public_bytes(*PUBLIC):
        raise ValueError("This key does not belong to the certificate. Paste the one that it was made with.")


def read_key(pem: str, passphrase: str) -> PrivateKeyTypes:
    """Reads a private key. Raises ValueError with a sentence for the person who pasted it."""
    if "PRIVATE KEY-----" not in pem:
        raise ValueError(
            "This is not a private key in PEM form, which begins with -----BEGIN … PRIVATE KEY-----."
        )
    check_cost(pem)
    try:
        return load_pem_private_key(pem.encode(), passphrase.encode() or None)
    except TypeError:
        if passphrase:
            raise ValueError("This key has no passphrase. Leave that field empty.")
        raise ValueError("This key has a passphrase. Give it in its field.")
    except (ValueError, UnsupportedAlgorithm):
        if passphrase:
            raise ValueError("This key cannot be read: either it is damaged, or the passphrase is another.")
        raise ValueError("This key cannot be read. Paste it again, from the first line to the last.")
