"""What browsers are told about each answer, and whose word is taken for the address of this site."""

import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from integrations.base import ConfigForm
from integrations.views.deliveries import escape_csv_formula
from tests.conftest import client_of
from tests.factories import make_user
from workspaces.models import Role, Workspace

ROOT = Path(__file__).resolve().parent.parent
PRIVATE = [
    "/w/acme/",
    "/w/acme/settings/members/",
    "/accounts/login/",
    "/api/docs/",
    "/nowhere/",
    "/integrations/",
]


@pytest.mark.parametrize("path", PRIVATE)
def test_no_page_is_kept_or_runs_what_stands_in_it(as_owner: Client, workspace: Workspace, path: str) -> None:
    answer = as_owner.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


def test_nor_is_any_answer_of_the_api(workspace: Workspace) -> None:
    for client in (client_of(workspace, Role.VIEWER), APIClient()):
        for path in ("/api/v1/monitors/", "/api/v1/nowhere/", "/api/schema/"):
            assert client.get(path)["Cache-Control"] == "private, no-store"


def test_an_early_refusal_has_the_policy_too(db: None) -> None:
    answer = Client().get("/?q=%00")
    assert answer.status_code == 400
    assert "default-src 'self'" in answer["Content-Security-Policy"]


SHOW = """
import django; django.setup()
from django.test import Client
for secure in (False, True):
    answer = Client().get("/accounts/login/", secure=secure, headers={"host": "postwatch.example"})
    print(answer.status_code, answer.get("Location"), answer.get("Strict-Transport-Security"))
    print(answer.cookies.output())
"""


def by_https(**environment: str) -> str:
    """What a sign-in page is answered with, by HTTP and then by HTTPS, in a process with these settings."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "x" * 50,
        "DEBUG": "true",
        "ALLOWED_HOSTS": "postwatch.example",
        "SITE_URL": "https://postwatch.example",
    }
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=os.environ | settings | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_cookies_of_a_site_by_https_belong_to_its_host_alone() -> None:
    shown = by_https()
    assert re.search(r"Set-Cookie: __Host-csrftoken=\w+;.* Path=/;.* Secure", shown)
    assert "Domain" not in shown
    assert "Strict-Transport-Security" not in shown
    assert "301" not in shown


def test_http_leads_to_https_where_it_is_asked_for() -> None:
    plain, secure = [
        line
        for line in by_https(HTTPS_REDIRECT="true", HSTS_SECONDS="3600").splitlines()
        if line[:1].isdigit()
    ]
    assert plain == "301 https://postwatch.example/accounts/login/ None"
    assert secure == "200 None max-age=3600"


def test_a_mail_leads_to_this_site_whatever_host_was_asked(db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://postwatch.example"
    make_user("owner@acme.example", password="a password of hers")
    for email in ("owner@acme.example", "nobody@acme.example"):
        Client().post("/accounts/password/reset/", {"email": email}, headers={"host": "evil.example"})
    assert mail.outbox
    for message in mail.outbox:
        text = f"{message.subject} {message.body}"
        assert "evil.example" not in text
        assert all(link.startswith("https://postwatch.example") for link in re.findall(r"https?://\S+", text))
    assert "/accounts/password/reset/key/" in mail.outbox[0].body


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", " =", "'=", '"='])
def test_no_cell_of_an_export_begins_a_formula(start: str) -> None:
    assert escape_csv_formula(f"{start}HYPERLINK(1)").startswith("'")
    for divider in (";", "\t", "\n", "\r\n"):
        cell = escape_csv_formula(f"x{divider}{start}HYPERLINK(1)")
        assert all(
            re.match(r"[^=+\-@＝]*$|'", part.strip("\r\n\t")) for part in re.split("[;\t\r\n]", cell)
        ), cell


@pytest.mark.parametrize("text", ["", "x", "a=b", "2026-01-01T00:00:00+00:00", 'the "key"; again', 5, None])
def test_other_cells_stay_as_they_are(text: Any) -> None:
    assert escape_csv_formula(text) == text


def test_dividers_without_end_take_linear_time() -> None:
    for text in ("\t" * 200_000, "; " * 200_000, ";" + " " * 400_000):
        escape_csv_formula(text)


def test_what_is_shown_of_a_secret_is_text() -> None:
    class SecretForm(ConfigForm):
        secret_fields = ("key",)
        key = forms.CharField()

    form = SecretForm(current={"key": "x<b>"})
    assert form.fields["key"].help_text == "Ends in x&lt;b&gt;. Leave empty to keep it."


def test_a_strange_host_is_one_line_in_the_log(db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["postwatch.example"]
    handlers = logging.getLogger().handlers
    console: Any = next(handler for handler in handlers if type(handler) is logging.StreamHandler)
    written = io.StringIO()
    before = console.setStream(written)
    try:
        answer = Client().get("/accounts/login/", headers={"host": "evil.example"})
    finally:
        console.setStream(before)
    assert answer.status_code == 400
    [line] = written.getvalue().splitlines()
    assert "Invalid HTTP_HOST header: 'evil.example'" in line
