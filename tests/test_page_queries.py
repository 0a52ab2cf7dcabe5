"""How often each of the main pages and lists asks the database: as often for many rows as for a few."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.addresses import fill
from tests.conftest import client_of
from tests.factories import make_monitor, make_run
from workspaces.models import Role, Workspace

pytestmark = pytest.mark.django_db

PAGES = {
    "/w/acme/": 34,
    "/w/acme/monitors/": 19,
    "/w/acme/monitors/?q=sign&state=up&sort=-time": 19,
    "/w/acme/monitors/<monitors>/": 24,
    "/w/acme/runs/<runs>/": 14,
    "/w/acme/outages/": 12,
    "/w/acme/collections/": 8,
    "/w/acme/collections/<collections>/": 11,
    "/w/acme/environments/": 8,
    "/w/acme/environments/<environments>/": 13,
    "/w/acme/maintenance/": 13,
    "/integrations/configured/": 8,
    "/integrations/<integrations>/": 11,
    "/api/v1/monitors/": 4,
    "/api/v1/monitors/?q=sign&state=up": 5,
    "/api/v1/monitors/<monitors>/stats/": 6,
    "/api/v1/runs/": 2,
    "/api/v1/runs/?text=500&result=failure": 2,
    "/api/v1/runs/<runs>/": 2,
    "/api/v1/outages/": 2,
    "/api/v1/collections/": 3,
    "/api/v1/environments/": 4,
    "/api/v1/integrations/": 3,
    "/api/v1/incidents/": 3,
    "/api/v1/maintenance-windows/": 4,
}
"""The most queries of each."""


@pytest.fixture
def addresses(workspace: Workspace) -> dict[str, str]:
    things: Any = fill(workspace)
    collection = things["collections"]
    for number in range(15):
        make_run(make_monitor(workspace, f"Sign-in {number}", collection=collection))
    return {page: re.sub(r"<([\w-]+)>", lambda name: str(things[name[1]].pk), page) for page in PAGES}


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
        return len(captured)


def test_no_page_takes_more_queries_than_it_needs(
    workspace: Workspace, as_owner: Client, addresses: dict[str, str]
) -> None:
    api = client_of(workspace, Role.OWNER)
    counts = {
        page: queries(api if page.startswith("/api/") else as_owner, address)
        for page, address in addresses.items()
    }
    assert {page: count for page, count in counts.items() if count > PAGES[page]} == {}
