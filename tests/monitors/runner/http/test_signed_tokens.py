"""Signatures with randomness in them: no two are the same, so the public key decides."""

from __future__ import annotations

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from monitors.runner.http import Auth, HttpClient, OutgoingRequest
from tests.monitors.runner.http.server import RawServer

RSA = rsa.generate_private_key(65537, 2048)
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
KEYS: dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey] = {
    **{name: ec.generate_private_key(curve) for name, curve in CURVES.items()},
    **dict.fromkeys(["PS256", "PS384", "PS512"], RSA),
}


def pem(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def sent_token(client: HttpClient, auth: Auth) -> str:
    with RawServer() as server:
        client.send(OutgoingRequest("GET", server.url), auth)
        return (server.last.field("Authorization") or "").removeprefix("Bearer ")


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("scheme", ["jwt", "asap"])
def test_the_public_key_verifies_the_token(client: HttpClient, algorithm: str, scheme: str) -> None:
    key = KEYS[algorithm]
    parameters = {
        "jwt": {"algorithm": algorithm, "privateKey": pem(key), "payload": '{"iss": "i"}'},
        "asap": {"alg": algorithm, "privateKey": pem(key), "iss": "i", "aud": "a", "kid": "k"},
    }[scheme]
    token = sent_token(client, Auth(scheme, parameters))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(token, public, algorithms=[algorithm], options={"verify_aud": False})
    assert claims["iss"] == "i"


def test_asap_claims_have_the_times_and_the_id_that_the_standard_wants(client: HttpClient) -> None:
    parameters = {"privateKey": pem(RSA), "iss": "i", "aud": "a", "kid": "k", "exp": "60"}
    payload = sent_token(client, Auth("asap", parameters)).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["sub"], len(claims["jti"])) == ("i", 36)


def test_a_key_of_another_kind_leaves_the_request_unauthorized_and_says_so(client: HttpClient) -> None:
    auth = Auth("jwt", {"algorithm": "ES256", "privateKey": pem(RSA), "payload": "{}"})
    with RawServer() as server:
        exchange = client.send(OutgoingRequest("GET", server.url), auth)
        assert server.last.field("Authorization") is None
    assert "cannot be signed with this key" in exchange.warnings[0]
