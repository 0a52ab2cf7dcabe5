"""What a page offers, the person who reads it may use: each role walks through all that is offered to it."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.addresses import fill, routes
from tests.conftest import make_member, signed_in
from tests.factories import make_environment, make_monitor
from tests.integrations.factories import make_integration
from workspaces.models import Role, User, Workspace

pytestmark = pytest.mark.django_db

KEY = re.compile(r"/[0-9a-f-]{36}/|/\d+/")
MAX_OF_A_KIND = 3
"""Pages that are walked of each kind: one run's page offers what the next one does."""
NOT_PAGES = ("/admin/", "/api/", "/static/", "/accounts/")
ROLES = [Role.VIEWER, Role.EDITOR]


class Offers(HTMLParser):
    """The addresses that links and htmx get, and those to which forms and htmx post."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.gets: set[str] = set()
        self.posts: set[str] = set()
        self.page = page

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "a" and "href" in given:
            self._offer(self.gets, given["href"])
        if "hx-get" in given:
            self._offer(self.gets, given["hx-get"])
        if "hx-post" in given:
            self._offer(self.posts, given["hx-post"])
        if "formaction" in given:
            self._offer(self.posts, given["formaction"])
        if tag == "form":
            is_post = given.get("method", "").lower() == "post"
            self._offer(self.posts if is_post else self.gets, given.get("action", ""))

    def _offer(self, offers: set[str], address: str) -> None:
        parts = urlsplit(urljoin(self.page, address))
        if not parts.netloc and not parts.path.startswith(NOT_PAGES):
            offers.add(parts.path)


def person(workspace: Workspace, role: Role) -> User:
    return make_member(workspace, f"walker-{role}@acme.example", role)


def start(workspace: Workspace) -> list[str]:
    """Home, and the pages to which a person comes by typing or by a mail."""
    things = fill(workspace)
    open_to_all = [route for route in routes() if not f"/{route.text}".startswith(NOT_PAGES)]
    return [workspace.get_absolute_url(), *(route.address(workspace, things) for route in open_to_all)]


def walk(client: Client, addresses: list[str]) -> Iterator[tuple[str, str, str]]:
    """Each page, method and address that it offers; every page that is reached is walked too."""
    waiting, seen, walked = list(addresses), set(addresses), Counter[str]()
    while waiting:
        page = waiting.pop()
        kind = KEY.sub("/*/", page)
        walked[kind] += 1
        if walked[kind] > MAX_OF_A_KIND:
            continue
        answer = client.get(page)
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        offers = Offers(page)
        offers.feed(answer.content.decode())
        yield from ((page, "get", address) for address in sorted(offers.gets))
        yield from ((page, "post", address) for address in sorted(offers.posts))
        new = offers.gets - seen
        seen |= new
        waiting += sorted(new)


def status_of(client: Client, method: str, address: str) -> int:
    """What using the offer answers; what it changes is taken back."""
    with transaction.atomic():
        status: int = getattr(client, method)(address).status_code
        transaction.set_rollback(True)
    return status


def refused_offers(client: Client, addresses: list[str]) -> dict[tuple[str, str], str]:
    """What is offered and answers that it is not allowed, or not there, with a page that offers it."""
    found: dict[tuple[str, str], str] = {}
    used: dict[tuple[str, str], int] = {}
    for page, method, address in walk(client, addresses):
        if (method, address) not in used:
            used[method, address] = status_of(client, method, address)
        if used[method, address] in (403, 404, 405):
            found[method, address] = page
    assert len(used) > 10
    return found


@pytest.mark.parametrize("role", ROLES)
def test_each_link_and_form_leads_to_what_the_role_may_use(workspace: Workspace, role: Role) -> None:
    make_monitor(workspace, "Nobody is notified of this one")
    make_environment(workspace, "Used by none")
    assert refused_offers(signed_in(person(workspace, role)), start(workspace)) == {}


@pytest.mark.parametrize("role", ROLES)
def test_so_it_is_in_an_empty_workspace(workspace: Workspace, role: Role) -> None:
    client = signed_in(person(workspace, role))
    slug = workspace.slug
    pages = [
        workspace.get_absolute_url(),
        reverse("integrations:browse"),
        reverse("integrations:configured"),
        *(f"/w/{slug}/{page}/" for page in ("monitors", "collections", "environments", "outages")),
    ]
    assert refused_offers(client, pages) == {}


@pytest.mark.parametrize("page", ["/integrations/pagerduty/", "/integrations/configured/"])
def test_who_may_not_add_an_integration_is_told_who_can(workspace: Workspace, page: str) -> None:
    make_integration(workspace)
    shown = signed_in(person(workspace, Role.VIEWER)).get(page).content.decode()
    assert "Only editors and owners of a workspace can add integrations." in shown
    assert not re.search(r'href="[^"]*/add/', shown)


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_form_itself_is_not_shown_to_who_may_not_send_it(workspace: Workspace, method: str) -> None:
    answer: Any = getattr(signed_in(person(workspace, Role.VIEWER)), method)("/integrations/pagerduty/add/")
    assert answer.status_code == 403
    assert "Ask an owner for that role." in answer.content.decode()
