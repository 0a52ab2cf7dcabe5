"""A key in PEM form is looked at before any of the work is done that it asks for."""

import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from monitors.runner.http.auth.json_web_token import make_token
from monitors.runner.http.auth.oauth1 import _rsa_signature
from monitors.runner.http.auth.scheme import AuthError
from monitors.runner.http.private_keys import OPENSSH, TOO_COSTLY, TOO_LARGE, UNREADABLE, check_cost
from monitors.runner.http.tls import HostTls
from tests.monitors.costly_keys import element, number, pbkdf2, pem, pkcs12, scrypt


@pytest.mark.parametrize(
    "key",
    [pbkdf2(2_000_000_000), scrypt(2**30, 8, 1), scrypt(1024, 8, 1_000_000), pkcs12(2_000_000_000)],
    ids=["PBKDF2", "much memory", "scrypt many times", "PKCS 12"],
)
def test_a_key_that_asks_for_hours_of_work_is_refused_at_once(key: str) -> None:
    before = time.process_time()
    with pytest.raises(ValueError, match=r"^This key's passphrase is hashed more than 2,000,000 times"):
        check_cost(key)
    with pytest.raises(ValueError, match="hashed more than"):
        HostTls("a.example", certificate="x", key=key, passphrase="x").make_context(verify=False)
    assert time.process_time() - before < 2


@pytest.mark.parametrize("key", [pbkdf2(600_000), scrypt(16_384, 8, 1), pkcs12(2048)])
def test_usual_costs_are_borne(key: str) -> None:
    check_cost(key)


COSTLY = pbkdf2(2_000_000_000)
DISGUISES: dict[str, Callable[[str], str]] = {
    "a field in front": lambda key: key.replace("KEY-----\n", "KEY-----\nX-A: b-c\n\n", 1),
    "the old way's field": lambda key: key.replace(
        "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1
    ),
    "another key in front": lambda key: pem("EC PRIVATE KEY", element(0x30, number(1))) + key,
    "a beginning in front": lambda key: "-----BEGIN PRIVATE KEY-----\n" + key,
    "a beginning with a space": lambda key: key.replace("KEY-----\n", "KEY----- \n", 1),
    "small letters": lambda key: key.replace("-----BEGIN ENCRYPTED", "-----BEGIN encrypted"),
    "no end": lambda key: key.partition("-----END")[0],
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES.keys())
def test_no_disguise_gets_one_through(disguise: Callable[[str], str]) -> None:
    with pytest.raises(ValueError, match="This key"):
        check_cost(disguise(COSTLY))


def test_a_length_without_an_end_is_not_followed() -> None:
    """BER allows it, and OpenSSL reads it."""
    function = b"\x30\x80" + element(0x04, b"salt") + number(2_000_000_000) + b"\0\0"
    for der in (b"\x30\x80" + function, element(0x30, element(0x30, function)), element(0x30, b"\x30\x05")):
        with pytest.raises(ValueError, match=UNREADABLE):
            check_cost(pem("ENCRYPTED PRIVATE KEY", der))


def test_nesting_is_not_followed_for_long() -> None:
    der = b""
    for _ in range(1400):
        der = element(0x30, der)
    with pytest.raises(ValueError, match=UNREADABLE):
        check_cost(pem("ENCRYPTED PRIVATE KEY", der))


def test_a_key_of_the_form_of_openssh_is_told_how_to_convert() -> None:
    with pytest.raises(ValueError, match="ssh-keygen"):
        check_cost(pem("OPENSSH PRIVATE KEY", b"openssh-key-v1\0"))
    assert OPENSSH.endswith(".")


def test_a_key_of_any_usual_form_is_read() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        for encryption in (NoEncryption(), BestAvailableEncryption(b"secret")):
            check_cost(key.private_bytes(Encoding.PEM, form, encryption).decode())


def test_a_huge_key_is_never_checked_for_being_prime() -> None:
    """Of 100,000 bits, which takes a processor minutes."""
    huge = element(0x30, number(0), *(number(2**length - 1) for length in (100_000, 17, 99_000, 50_000)))
    key = pem("RSA PRIVATE KEY", huge)
    before = time.process_time()
    for refuse in (
        lambda: check_cost(key),
        lambda: make_token({}, {}, key.encode(), "RS256"),
        lambda: _rsa_signature(key, "SHA256", "base"),
    ):
        with pytest.raises((ValueError, AuthError)) as refused:
            refuse()
        assert TOO_LARGE in str(refused.value)
    assert time.process_time() - before < 2
    assert TOO_COSTLY != TOO_LARGE
