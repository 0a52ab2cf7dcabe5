"""Every address of Postwatch, found in the URL configuration, so that a new one cannot be forgotten."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.db.models import Model
from django.urls import URLResolver, get_resolver

from monitors.models import HostCertificate, Result, Retention, VaultSecret
from tests.factories import (
    make_console,
    make_environment,
    make_invitation,
    make_monitor,
    make_run,
    make_user,
    make_window,
)
from tests.integrations.factories import fail, make_integration
from workspaces.models import ApiKey, Membership, Role, Workspace

Things = Mapping[str, Model]
"""What stands before a key in an address, with the object whose key it is."""

LONG_NAME = (
    "A monitor whose name nobody shortened, since it says all that can be said of what it is there to watch"
)
WORDS = {
    "<slug:provider>": "pagerduty",
    "<slug:field>": "integration_key",
    "<uidb36>": "0",
    "<key>": "0",
    "<str:form>": "json",
    "<str:token>": "0",
    "<number>": "1",
    "<int:number>": "1",
}
"""What to write for a placeholder that is no key."""


def fill(workspace: Workspace) -> Things:
    """Makes one of everything, so that every page shows something."""
    environment = make_environment(workspace, baseUrl="https://api.example", token="secret")
    monitor = make_monitor(workspace, name=LONG_NAME, environment=environment)
    for minutes in range(40, 1, -1):
        make_run(monitor, minutes_ago=minutes)
    make_run(make_monitor(workspace, name="Sign-up", collection=monitor.collection), Result.SUCCESSFUL)
    integration = make_integration(workspace, monitor)
    run = fail(monitor)
    make_console(run, ("log", "Ordered"), ("error", "ReferenceError: order is not defined"))
    incident = integration.incidents.get()
    outage = monitor.outages.get()
    outage.add_note("The order database is read-only.", by="Ada")
    window = make_window(workspace, monitor)
    return {
        "api-keys": ApiKey.issue(workspace, "Deploy", Role.EDITOR)[0],
        "certificates": HostCertificate.objects.create(workspace=workspace, host="api.example"),
        "collections": monitor.collection,
        "deliveries": incident.deliveries.get(),
        "environments": environment,
        "incidents": incident,
        "integrations": integration,
        "invitations": make_invitation(workspace),
        "maintenance": window,
        "maintenance-windows": window,
        "members": Membership.objects.create(workspace=workspace, user=make_user("eve@acme.example")),
        "monitors": monitor,
        "retention": Retention.objects.create(workspace=workspace),
        "outages": outage,
        "runs": run,
        "tests": integration.send_test(),
        "vault": (secret := VaultSecret.objects.create(workspace=workspace, key="token", value="secret")),
        "vault-secrets": secret,
    }


@dataclass(frozen=True)
class Route:
    """One line of the URL configuration, such as w/<slug:slug>/monitors/<uuid:pk>/."""

    text: str
    view: Any

    @property
    def has_key(self) -> bool:
        return "pk>" in self.text

    @property
    def methods(self) -> list[str]:
        """What the view answers, HEAD and OPTIONS aside."""
        view_class = getattr(self.view, "cls", None) or getattr(self.view, "view_class", None)
        if view_class is None:
            return ["get"]
        handlers = getattr(self.view, "actions", None) or dir(view_class)
        names = set(view_class.http_method_names) & {"get", "post", "put", "patch", "delete"}
        return sorted(names & set(handlers))

    def address(self, workspace: Workspace, things: Things) -> str:
        path = self.text.replace("<slug:slug>", workspace.slug)
        for placeholder, word in WORDS.items():
            path = path.replace(placeholder, word)
        for before, thing in things.items():
            path = re.sub(rf"\b{before}/<(\w+:)?pk>", f"{before}/{thing.pk}", path)
        assert "<" not in path, f"Name in tests/addresses.py, in `fill` or `WORDS`, what {path} asks for."
        return f"/{path}"


def routes() -> list[Route]:
    return list(_routes(get_resolver().url_patterns))


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[Route]:
    for pattern in patterns:
        text = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, text)
        else:
            yield Route(simplify_regex(text).removeprefix("/").replace("\\.", "."), pattern.callback)
