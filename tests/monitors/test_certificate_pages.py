from typing import Any

import pytest
from django.test import Client

from monitors.models import HostCertificate
from tests.monitors.certificates import make_certificate
from workspaces.models import Workspace

CERTIFICATE, KEY = make_certificate("orders client")


def url(workspace: Workspace, path: str = "") -> str:
    return f"/w/{workspace.slug}/settings/certificates/{path}"


def sent(**fields: str) -> dict[str, str]:
    return {"host": "api.example.com", "certificate": CERTIFICATE, "key": KEY} | fields


@pytest.fixture
def stored(workspace: Workspace) -> Any:
    return HostCertificate.objects.create(workspace=workspace, **sent())


def test_a_certificate_is_added_and_shows_whose_it_is(as_editor: Client, workspace: Workspace) -> None:
    response = as_editor.post(url(workspace, "add/"), sent(host="*.Example.com:8443"), follow=True)
    assert "CN=orders client" in response.content.decode()
    stored = HostCertificate.objects.get()
    assert (stored.host, stored.key) == ("*.example.com:8443", KEY.strip())


def test_an_authority_alone_is_enough(as_editor: Client, workspace: Workspace) -> None:
    fields = sent(certificate="", key="", authority=CERTIFICATE)
    assert as_editor.post(url(workspace, "add/"), fields).status_code == 302


def test_a_key_with_its_passphrase_is_taken(as_editor: Client, workspace: Workspace) -> None:
    certificate, key = make_certificate(passphrase="opensesame")
    fields = sent(certificate=certificate, key=key, passphrase="opensesame")
    assert as_editor.post(url(workspace, "add/"), fields).status_code == 302


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"host": "https://api.example.com/"}, "Give a host alone"),
        ({"certificate": "x"}, "not a certificate in PEM form"),
        ({"certificate": KEY}, "This holds a private key"),
        ({"certificate": CERTIFICATE + KEY}, "This holds a private key"),
        ({"certificate": ""}, "Paste the certificate that the key belongs to"),
        ({"certificate": "", "key": ""}, "Give a client certificate, a certificate authority, or both"),
        ({"certificate": make_certificate(days=-1)[0]}, "expired on"),
        ({"key": ""}, "Paste the certificate’s private key".replace("’", "&#x27;")),
        ({"key": "x"}, "not a private key in PEM form"),
        ({"key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}, "cannot be read"),
        ({"key": make_certificate()[1]}, "does not belong to the certificate"),
        ({"key": make_certificate(passphrase="opensesame")[1]}, "This key has a passphrase"),
        ({"key": make_certificate(passphrase="a")[1], "passphrase": "b"}, "the passphrase is another"),
        ({"passphrase": "needless"}, "This key has no passphrase"),
        ({"authority": "x"}, "not a certificate in PEM form"),
        ({"authority": make_certificate(days=-1)[0]}, "expired on"),
    ],
)
def test_what_is_wrong_is_said(
    as_editor: Client, workspace: Workspace, fields: dict[str, str], told: str
) -> None:
    response = as_editor.post(url(workspace, "add/"), sent(**fields))
    assert response.status_code == 422
    assert told in response.content.decode()
    assert not HostCertificate.objects.exists()


def test_a_host_is_there_once(as_editor: Client, workspace: Workspace, stored: HostCertificate) -> None:
    response = as_editor.post(url(workspace, "add/"), sent(host="API.example.com"))
    assert response.status_code == 422
    assert "There is one for api.example.com already" in response.content.decode()


def test_its_key_is_never_shown_again(
    as_editor: Client, workspace: Workspace, stored: HostCertificate
) -> None:
    page = as_editor.get(url(workspace, f"{stored.pk}/")).content.decode()
    assert "BEGIN CERTIFICATE" in page
    assert "CN=orders client" in page
    assert KEY.splitlines()[1] not in page


def test_without_a_new_key_it_keeps_its_own(
    as_editor: Client, workspace: Workspace, stored: HostCertificate
) -> None:
    as_editor.post(url(workspace, f"{stored.pk}/"), sent(host="www.example.com", key=""))
    stored.refresh_from_db()
    assert (stored.host, stored.key) == ("www.example.com", KEY)


def test_a_certificate_that_the_stored_key_does_not_fit_is_refused(
    as_editor: Client, workspace: Workspace, stored: HostCertificate
) -> None:
    response = as_editor.post(
        url(workspace, f"{stored.pk}/"), sent(certificate=make_certificate()[0], key="")
    )
    assert response.status_code == 422
    assert KEY.splitlines()[1] not in response.content.decode()


def test_taking_the_certificate_out_takes_its_key_too(
    as_editor: Client, workspace: Workspace, stored: HostCertificate
) -> None:
    fields = sent(certificate="", key="", authority=CERTIFICATE)
    as_editor.post(url(workspace, f"{stored.pk}/"), fields)
    stored.refresh_from_db()
    assert (stored.certificate, stored.key) == ("", "")


def test_one_that_expired_since_is_shown_as_such(as_editor: Client, workspace: Workspace) -> None:
    HostCertificate.objects.create(
        workspace=workspace, host="old.example.com", certificate=make_certificate(days=-1)[0]
    )
    assert "Expired" in as_editor.get(url(workspace)).content.decode()


def test_it_is_deleted_after_a_question(
    as_editor: Client, workspace: Workspace, stored: HostCertificate
) -> None:
    path = url(workspace, f"{stored.pk}/delete/")
    assert b"Delete certificate" in as_editor.get(path).content
    assert as_editor.post(path).status_code == 302
    assert not HostCertificate.objects.exists()


def test_it_needs_an_editor(as_viewer: Client, workspace: Workspace, stored: HostCertificate) -> None:
    for path in ("", "add/", f"{stored.pk}/", f"{stored.pk}/delete/"):
        assert as_viewer.get(url(workspace, path)).status_code == 403


def test_certificates_of_other_workspaces_are_not_there(
    as_outsider: Client, workspace: Workspace, stored: HostCertificate
) -> None:
    own = as_outsider.get("/", follow=True).context["workspace"]
    assert as_outsider.get(url(workspace)).status_code == 404
    assert as_outsider.post(url(own, f"{stored.pk}/"), sent()).status_code == 404
    assert as_outsider.post(url(own, f"{stored.pk}/delete/")).status_code == 404
