"""Who sends bad input: each route gets the client that comes furthest into it."""

import re
from typing import Any

from django.test import Client

from tests.addresses import Route, Things
from tests.conftest import client_of
from workspaces.models import Role, User, Workspace


class Visitor:
    """A superuser who owns Acme, on the pages; an owner's key, in the API. Remembers what failed."""

    def __init__(self, owner: User, workspace: Workspace, things: Things) -> None:
        owner.is_staff = owner.is_superuser = True
        owner.save()
        self.owner, self.workspace, self.things = owner, workspace, things
        self.pages = Client(raise_request_exception=False)
        self.pages.force_login(owner)
        self.api = client_of(workspace, Role.OWNER)
        self.api.raise_request_exception = False
        self.failures: list[str] = []

    def client(self, route: Route) -> Any:
        return self.api if route.text.startswith("api/v1/") else self.pages

    def address(self, route: Route) -> str:
        """Of a route of ours, or of the admin's for something of that model."""
        if not route.text.startswith("admin/"):
            return route.address(self.workspace, self.things)
        model = route.text.split("/")[2] if route.text.count("/") > 2 else ""
        key = next((thing.pk for thing in self.things.values() if thing._meta.model_name == model), 1)
        return "/" + re.sub("<[^>]+>", str(key), route.text)

    def check(self) -> None:
        assert not self.failures, "\n".join(failure[:300] for failure in self.failures)

    def send(self, method: str, path: str, what: str, route: Route, **arguments: Any) -> Any:
        client = self.client(route)
        # Where what was sent signed us out, the next would only reach the sign-in page.
        if client is self.pages and "_auth_user_id" not in client.session:
            client.force_login(self.owner)
        answer = getattr(client, method)(path, **arguments)
        if answer.status_code >= 500:
            error = getattr(answer, "exc_info", None)
            self.failures.append(f"{method.upper()} {route.text} with {what}: {error and error[1]!r}")
        return answer
