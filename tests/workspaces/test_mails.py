"""What the mails about accounts and workspaces look like: a text, and HTML that loads nothing."""

import re
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client

from tests.conftest import signed_in
from tests.factories import make_user
from workspaces import mail
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

CONTEXT: dict[str, dict[str, object]] = {
    "invitation": {"by": "ada@acme.example", "workspace": "<b>Acme</b>", "days": 7},
    "confirm_email": {"old": "ada@acme.example"},
    "email_changed": {"old": "ada@acme.example", "new": "grace@acme.example"},
    "email_taken": {},
}
LINK = "http://postwatch.test/accounts/somewhere/"


def html_of(message: Any) -> str:
    ((content, kind),) = message.alternatives
    assert kind == "text/html"
    return str(content)


@pytest.mark.parametrize("template", CONTEXT)
def test_each_is_sent_as_text_and_as_html(template: str) -> None:
    assert mail.send("ada@acme.example", "About\nPostwatch", template, **CONTEXT[template], button_url=LINK)
    (message,) = outbox.outbox
    html = html_of(message)
    assert message.subject == "About Postwatch"
    assert f'href="{LINK}"' in html
    assert "<b>" not in html
    assert not re.search(r"<(img|link|script)|url\(|@import", html)
    assert "prefers-color-scheme: dark" in html
    for word in CONTEXT[template].values():
        assert str(word) in str(message.body)


def test_a_mail_without_a_link_has_no_button() -> None:
    mail.send("ada@acme.example", "Changed", "email_changed", old="a@acme.example", new="b@acme.example")
    assert "<a " not in html_of(outbox.outbox[0])


@pytest.mark.parametrize("email", ["owner@acme.example", "nobody@acme.example"])
def test_a_new_password_is_offered_by_html_too(client: Client, owner: User, email: str) -> None:
    client.post("/accounts/password/reset/", {"email": email})
    (message,) = outbox.outbox
    html = html_of(message)
    known = email == owner.email
    assert ("Choose a new password</a>" in html) is known
    assert (
        re.search(r'href="http://postwatch.test/accounts/password/reset/key/\S+"', html) is None
    ) is not known


def test_the_link_in_an_invitation_opens_for_who_is_signed_in(
    as_owner: Client, workspace: Workspace, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    invited = make_user("grace@elsewhere.example")
    as_owner.post("/w/acme/settings/members/invite/", {"email": invited.email, "role": "viewer"})
    (path,) = re.findall(r'href="http://postwatch.test(/\S+)"', html_of(outbox.outbox[0]))
    assert signed_in(invited).get(path).status_code == 200
