"""Every page of Postwatch, found in the URL configuration, so that a new one cannot be forgotten."""

import re
from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import URLResolver, get_resolver

from monitors.models import HostCertificate, Result, VaultSecret
from tests.factories import make_console, make_environment, make_monitor, make_run, make_user, make_window
from tests.integrations.factories import fail, make_integration
from workspaces.models import ApiKey, Membership, Role, Workspace

NOT_PAGES = ("admin/", "api/")
LONG_NAME = (
    "A monitor whose name nobody shortened, since it says all that can be said of what it is there to watch"
)


def fill(workspace: Workspace) -> dict[str, Any]:
    """Puts something on every page. Returns what stands before a key in an address, with the key."""
    environment = make_environment(workspace, baseUrl="https://api.example", token="secret")
    monitor = make_monitor(workspace, name=LONG_NAME, environment=environment)
    for minutes in range(40, 1, -1):
        make_run(monitor, minutes_ago=minutes)
    make_run(make_monitor(workspace, name="Sign-up", collection=monitor.collection), Result.SUCCESSFUL)
    integration = make_integration(workspace, monitor)
    run = fail(monitor)
    make_console(run, ("log", "Ordered"), ("error", "ReferenceError: order is not defined"))
    incident = integration.incidents.get()
    delivery = incident.deliveries.get()
    member = Membership.objects.create(workspace=workspace, user=make_user("eve@acme.example"))
    return {
        "api-keys": ApiKey.issue(workspace, "Deploy", Role.EDITOR)[0].pk,
        "certificates": HostCertificate.objects.create(workspace=workspace, host="api.example").pk,
        "collections": monitor.collection.pk,
        "deliveries": delivery.pk,
        "environments": environment.pk,
        "incidents": incident.pk,
        "integrations": integration.pk,
        "maintenance": make_window(workspace).pk,
        "members": member.pk,
        "monitors": monitor.pk,
        "runs": run.pk,
        "tests": delivery.pk,
        "vault": VaultSecret.objects.create(workspace=workspace, key="token", value="secret").pk,
    }


def addresses(workspace: Workspace, keys: dict[str, Any]) -> list[str]:
    """A KeyError here says that a new kind of address wants to be known in `fill`."""
    words = {"<slug:slug>": workspace.slug, "<slug:provider>": "pagerduty", "<slug:field>": "integration_key"}
    found = []
    for route in routes(get_resolver().url_patterns):
        if route.startswith(NOT_PAGES) or "(?P" in route:
            continue
        address = re.sub(r"([\w-]+)/<\w+:pk>", lambda match: f"{match[1]}/{keys[match[1]]}", route)
        found.append("/" + re.sub(r"<\w+:\w+>", lambda match: words[match[0]], address))
    return found


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def pages(client: Client, addresses: list[str]) -> list[str]:
    """Those that answer with a whole page, and not with a part of one, a file, a redirection or a refusal."""
    answers = {address: client.get(address) for address in addresses}
    return [
        address
        for address, answer in answers.items()
        if answer.status_code == 200 and b"</html>" in getattr(answer, "content", b"")
    ]
