"""A run fetches missing OAuth 2.0 tokens for the grants that need no person."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import parse_qsl

from monitors.runner import RunReport, RunResult, VariableScope, load_collection, run_collection
from monitors.runner.http import EgressPolicy
from tests.monitors.runner.http.token_server import TokenServer
from tests.monitors.runner.target import Target

THIS_MACHINE = EgressPolicy.from_text(["127.0.0.1"])


def oauth2(**parameters: Any) -> dict[str, Any]:
    """The authorization as Postman exports it, with a variable as the token URL."""
    given = {"accessTokenUrl": "{{login}}/token", "clientId": "me", "clientSecret": "{{secret}}"} | parameters
    return {"type": "oauth2", "oauth2": [{"key": key, "value": value} for key, value in given.items()]}


def run(
    target: Target, auth: dict[str, Any], login: str, requests: int = 1, **of_collection: Any
) -> RunReport:
    """Runs requests that inherit the authorization from their collection."""
    items = [{"name": f"Order {number}", "request": f"{target.url}/orders"} for number in range(requests)]
    collection = load_collection({"info": {"name": "Shop"}, "auth": auth, "item": items} | of_collection)
    values = [{"key": "login", "value": login}, {"key": "secret", "value": "s3cret"}]
    environment = VariableScope.from_json({"values": values})
    return run_collection(collection, environment=environment, egress=THIS_MACHINE, secrets={"s3cret"})


def authorizations(target: Target) -> list[str | None]:
    return [seen.header("Authorization") for seen in target.seen]


def console(report: RunReport, level: str) -> list[str]:
    return [line.text for line in report.console if line.level == level]


def test_client_credentials_fetch_one_token_for_the_whole_run(target: Target) -> None:
    with TokenServer() as server:
        report = run(target, oauth2(grant_type="client_credentials"), server.url, requests=2)
        assert report.result is RunResult.SUCCESSFUL
        assert authorizations(target) == ["Bearer token-1", "Bearer token-1"]
        credentials = base64.b64encode(b"me:s3cret").decode()
        assert [seen.field("Authorization") for seen in server.seen] == [f"Basic {credentials}"]


def test_a_password_fetches_a_token(target: Target) -> None:
    auth = oauth2(grant_type="password_credentials", username="ada", password="{{secret}}")
    with TokenServer() as server:
        run(target, auth, server.url)
        form = dict(parse_qsl(server.asked.body.decode()))
    assert form == {"grant_type": "password", "username": "ada", "password": "s3cret"}
    assert authorizations(target) == ["Bearer token-1"]


def test_a_fetched_token_is_masked(target: Target) -> None:
    script = "console.log(pm.request.headers.get('Authorization'))"
    event = {"listen": "test", "script": {"exec": [script]}}
    auth = oauth2(grant_type="client_credentials")
    with TokenServer() as server:
        report = run(target, auth, server.url, event=[event])
    assert authorizations(target) == ["Bearer token-1"]
    assert console(report, "log") == ["Bearer *****"]


def test_fetching_a_token_counts_as_a_request(target: Target) -> None:
    with TokenServer() as server:
        report = run(target, oauth2(grant_type="client_credentials"), server.url, requests=2)
    assert report.totals.requests == 3
    assert [execution.item_name for execution in report.executions] == ["Order 0", "Order 1"]


def test_a_stored_token_is_used_until_it_expires(target: Target) -> None:
    def stored(expires_at: float) -> dict[str, Any]:
        claims = base64.urlsafe_b64encode(json.dumps({"exp": expires_at}).encode()).rstrip(b"=").decode()
        return oauth2(grant_type="client_credentials", accessToken=f"e30.{claims}.signature")

    with TokenServer() as server:
        run(target, stored(time.time() + 3600), server.url)
        run(target, stored(time.time() - 1), server.url)
    good, fetched = authorizations(target)
    assert str(good).endswith(".signature")
    assert fetched == "Bearer token-1"


def test_a_token_that_expires_within_the_run_is_fetched_again(target: Target) -> None:
    with TokenServer(lifetime_s=5) as server:
        run(target, oauth2(grant_type="client_credentials"), server.url, requests=2)
    assert authorizations(target) == ["Bearer token-1", "Bearer token-2"]


def test_no_token_is_fetched_from_a_forbidden_address(target: Target) -> None:
    with TokenServer(host="127.0.0.2") as server:
        login = f"http://127.0.0.2:{server.port}"
        report = run(target, oauth2(grant_type="client_credentials"), login)
        assert not server.seen
    assert authorizations(target) == [None]
    (warning,) = console(report, "warn")
    assert f"oauth2: no token from {login}/token: 127.0.0.2 is a private" in warning


def test_a_refused_token_is_reported_and_the_run_continues(target: Target) -> None:
    with TokenServer(refuse=True) as server:
        report = run(target, oauth2(grant_type="client_credentials"), server.url)
    assert authorizations(target) == [None]
    (warning,) = console(report, "warn")
    assert warning.endswith("401 invalid_client")


def test_a_fetched_token_is_not_shown(target: Target) -> None:
    auth = oauth2(grant_type="client_credentials", addTokenTo="queryParams")
    with TokenServer() as server:
        report = run(target, auth, server.url)
    assert target.paths == ["/orders?access_token=token-1"]
    assert "token-1" not in repr(report)
