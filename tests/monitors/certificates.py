"""Certificates for tests, made on the spot."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.utils import timezone


def make_certificate(name: str = "client", days: int = 30, passphrase: str = "") -> tuple[str, str]:
    """A self-signed certificate that is valid for so many more days, and its key, both as PEM text."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(timezone.now() - timedelta(days=365))
        .not_valid_after(timezone.now() + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return certificate.public_bytes(Encoding.PEM).decode(), key_pem.decode()
