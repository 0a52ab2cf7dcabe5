"""Every page of Postwatch, so that a new one cannot be forgotten."""

from django.test import Client

from tests.addresses import fill, routes
from workspaces.models import Workspace

NOT_PAGES = ("admin/", "api/")


def pages(client: Client, workspace: Workspace) -> list[str]:
    """The addresses that answer with a whole page, and not with a part of one, a file, a redirection or a
    refusal."""
    things = fill(workspace)
    addresses = [
        route.address(workspace, things) for route in routes() if not route.text.startswith(NOT_PAGES)
    ]
    answers = {address: client.get(address) for address in addresses}
    return [
        address
        for address, answer in answers.items()
        if answer.status_code == 200 and b"</html>" in getattr(answer, "content", b"")
    ]
