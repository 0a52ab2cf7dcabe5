"""The pages that others wrote keep to the policy too: the admin's and the API's description."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.addresses import fill
from workspaces.models import User, Workspace

ADDRESSES = [
    "/admin/",
    "/admin/monitors/run/",
    "/admin/monitors/monitor/",
    "/admin/workspaces/user/add/",
    "/admin/workspaces/membership/add/",
    "/api/docs/",
]


@pytest.mark.django_db(transaction=True)
def test_nothing_on_them_is_blocked(
    signed_in: Page, owner: User, workspace: Workspace, live_server: LiveServer
) -> None:
    fill(workspace)
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    problems: list[str] = []
    signed_in.on("console", lambda line: problems.append(line.text))
    signed_in.on("pageerror", lambda error: problems.append(str(error)))
    for address in ADDRESSES:
        answer = signed_in.goto(live_server.url + address)
        assert answer is not None
        assert answer.status == 200, address
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    signed_in.get_by_text("/api/v1/monitors/").first.wait_for()
    assert [problem for problem in problems if "Security Policy" in problem or "Error" in problem] == []


@pytest.mark.django_db(transaction=True)
def test_a_script_within_a_page_does_not_run(signed_in: Page, live_server: LiveServer) -> None:
    signed_in.goto(live_server.url + "/accounts/password/change/")
    blocked = signed_in.evaluate(
        """() => new Promise(resolve => {
            document.addEventListener("securitypolicyviolation", event => resolve(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        })"""
    )
    assert blocked == "script-src-elem"
    assert signed_in.evaluate("window.ran") is None
