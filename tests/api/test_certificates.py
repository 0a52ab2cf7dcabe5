import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from monitors.models import HostCertificate
from tests.monitors.certificates import make_certificate
from tests.monitors.costly_keys import pbkdf2
from workspaces.models import Workspace

PATH = "/api/v1/certificates/"
CERTIFICATE, KEY = make_certificate("orders client")


def body(**fields: Any) -> dict[str, Any]:
    return {"host": "api.example.com", "certificate": CERTIFICATE, "key": KEY} | fields


@pytest.fixture
def stored(workspace: Workspace) -> Any:
    return HostCertificate.objects.create(workspace=workspace, **body())


def test_a_certificate_tells_whose_it_is_and_nothing_of_its_key(api: APIClient) -> None:
    response = api.post(PATH, body(host="API.example.com"))
    assert response.status_code == 201, response.json()
    created = response.json()
    assert (created["host"], created["subject"]) == ("api.example.com", "CN=orders client")
    assert created["has_key"] is True
    assert KEY.splitlines()[1] not in response.text


def test_what_was_read_can_be_written_back_and_keeps_the_key(api: APIClient, stored: HostCertificate) -> None:
    read = api.get(f"{PATH}{stored.pk}/").json()
    response = api.put(f"{PATH}{stored.pk}/", read | {"host": "www.example.com"})
    assert response.status_code == 200, response.json()
    stored.refresh_from_db()
    assert (stored.host, stored.key.strip()) == ("www.example.com", KEY.strip())


def test_a_new_key_comes_with_its_own_passphrase(api: APIClient, stored: HostCertificate) -> None:
    certificate, key = make_certificate(passphrase="opensesame")
    fields = {"certificate": certificate, "key": key, "passphrase": "opensesame"}
    assert api.patch(f"{PATH}{stored.pk}/", fields).status_code == 200
    assert api.patch(f"{PATH}{stored.pk}/", {"certificate": CERTIFICATE, "key": KEY}).status_code == 200
    stored.refresh_from_db()
    assert stored.passphrase == ""


def test_taking_the_certificate_out_takes_its_key_too(api: APIClient, stored: HostCertificate) -> None:
    fields = {"certificate": "", "authority": CERTIFICATE}
    assert api.patch(f"{PATH}{stored.pk}/", fields).json()["has_key"] is False


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"host": "https://api.example.com"}, "host", "Give a host alone"),
        ({"certificate": "x"}, "certificate", "not a certificate"),
        ({"certificate": make_certificate(days=-1)[0]}, "certificate", "expired"),
        ({"key": make_certificate()[1]}, "key", "does not belong"),
        ({"key": ""}, "key", "private key"),
        ({"authority": "x"}, "authority", "not a certificate"),
    ],
)
def test_what_is_wrong_is_said(api: APIClient, fields: dict[str, str], field: str, told: str) -> None:
    response = api.post(PATH, body(**fields))
    assert response.status_code == 400
    assert told in response.json()[field][0]


def test_a_host_is_there_once(api: APIClient, stored: HostCertificate) -> None:
    assert api.post(PATH, body(host="API.example.com")).status_code == 400


def test_other_keys_find_and_change_nothing(
    other_api: APIClient, viewer_api: APIClient, stored: HostCertificate
) -> None:
    for send in (other_api.get, other_api.patch, other_api.delete):
        assert send(f"{PATH}{stored.pk}/").status_code == 404
    assert viewer_api.delete(f"{PATH}{stored.pk}/").status_code == 403


def test_a_key_that_takes_hours_to_read_is_refused_at_once(api: APIClient) -> None:
    certificate, _ = make_certificate()
    before = time.process_time()
    for key, sentence in [
        (pbkdf2(2_000_000_000), "hashed more than 2,000,000 times"),
        ("-----BEGIN PRIVATE KEY-----\n" + "A" * 1_000_000, "too large"),
    ]:
        body = {"host": "a.example", "certificate": certificate, "key": key, "passphrase": "x"}
        answer = api.post("/api/v1/certificates/", body)
        assert answer.status_code == 400
        assert sentence in answer.json()["key"][0]
    assert time.process_time() - before < 2


def test_an_authority_is_no_larger_than_those_of_an_operating_system(api: APIClient) -> None:
    many = make_certificate()[0] * 2000
    answer = api.post("/api/v1/certificates/", {"host": "a.example", "authority": many})
    assert answer.status_code == 400
    assert "too large" in answer.json()["authority"][0]
