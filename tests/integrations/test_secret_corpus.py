"""Secrets do their work at the target, and can be read nowhere else.

One run puts every secret wherever a collection can put one. Then all that leaves Postwatch is searched: what
PagerDuty and a webhook received, the database as stored, logs, e-mails, every page, every answer of the API,
the admin.
"""

import base64
import html
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from integrations.models import Delivery, Integration
from integrations.pagerduty.standin import StandIn
from monitors import worker
from monitors.models import Environment, Result, Run, VaultSecret
from monitors.models.runs import RunType
from tests.addresses import Things, fill, routes
from tests.conftest import client_of, signed_in
from tests.factories import make_collection, make_environment, make_monitor, make_user
from tests.integrations.factories import deliver_all, make_integration
from tests.monitors.runner.target import Target, basic
from tests.monitors.test_environment_pages import typed
from workspaces.models import Role, Workspace

KEY = "KeyOfTheShop8f2c51d09b7e"
TOKEN = "TokenOfTheShop." + "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ" * 2
"""As long as a JWT: longer than what assertion libraries print without cutting it."""
PASSWORD = "Pass of\\the \"Shöp\" 'co' = 100% +/?!"  # noqa: S105
"""With all that URLs, forms, JSON and JavaScript's own notation spell in another way."""
PEM = "\n".join(
    ["-----BEGIN KEY OF THE SHOP-----", *(f"MIIOfTheShop{n}" * 4 for n in range(4)), "-----END-----"]
)
VAULT = "VaultOfTheShop3a9d77c4e1"
SESSION = "SessionOfTheShop41c7b2e0f9"
"""What a script got and put into a secret variable."""
INTEGRATION_KEY = "R0CORPUSCORPUSCORPUSCORPUS012345"
HOOK = "HookOfTheShop5b1e6f20c8"
SIGNING_SECRET = "SigningOfTheShop77d0a3e9"  # noqa: S105
CORPUS = {
    "key": KEY,
    "token": TOKEN,
    "password": PASSWORD,
    "certificate's key": PEM,
    "vault secret": VAULT,
    "session": SESSION,
    "integration key": INTEGRATION_KEY,
    "webhook's address": HOOK,
    "webhook's signing secret": SIGNING_SECRET,
}

SCRIPT = """
const session = ['Session', 'OfTheShop', '41c7b2e0f9'].join('');
console.log(session);
pm.environment.set('session', session);
const names = ['key', 'token', 'password', 'pem', 'session'];
const secrets = [...names.map(name => pm.environment.get(name)), await pm.vault.get('vaulted')];
for (const secret of secrets) {
    console.log(secret); console.warn({secret}, [secret]); console.error(new Error(secret));
    console.info(JSON.stringify({secret}), encodeURIComponent(secret), encodeURI(secret));
    console.log(btoa(unescape(encodeURIComponent('postman:' + secret))));
    console.log(JSON.stringify(JSON.stringify({secret})));
    pm.test(`Knows ${secret}`, () => {});
    pm.test('Is equal', () => pm.expect(secret).to.equal('another'));
    pm.test('Is in', () => pm.expect([secret]).to.include('another'));
    pm.test('Is deeply equal', () => pm.expect({secret}).to.eql({secret: 'another'}));
    pm.test('Says why', () => { throw new Error(`not with ${secret}`) });
    pm.test('Says more', () => pm.expect(1, `with ${secret}`).to.equal(2));
}
console.log(pm.request.headers.toObject(), pm.request.url.toString(), pm.request);
console.log(pm.request.body.toString(), pm.response.text(), pm.response.json());
console.log(pm.environment.toObject(), pm.variables.toObject());
throw new Error(secrets.join(' and '));
"""


def request(name: str, url: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "request": {"method": "POST", "url": url} | fields.pop("request", {})} | fields


def collection(target: str) -> dict[str, Any]:
    """Queries, paths, headers, bodies and authorization, each with every secret; an address that refuses."""
    everything = "{{key}} {{token}} {{password}} {{pem}} {{vault:vaulted}}"
    credentials = [{"key": "username", "value": "postman"}, {"key": "password", "value": "{{password}}"}]
    order = {
        "auth": {"type": "basic", "basic": credentials},
        "header": [
            {"key": "X-Key", "value": "{{key}}"},
            {"key": "X-Token", "value": "{{token}}"},
            {"key": "X-Vault", "value": "{{vault:vaulted}}"},
        ],
        "body": {"mode": "raw", "raw": everything},
    }
    query = "key={{key}}&token={{token}}&password={{password}}&vault={{vault:vaulted}}"
    script = {"listen": "test", "script": {"exec": SCRIPT.splitlines()}}
    return {
        "info": {
            "name": "Orders",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "item": [
            request(
                "Create order", f"{target}/status/500/{{{{token}}}}?{query}", request=order, event=[script]
            ),
            request(
                "Send form",
                target,
                request={
                    "body": {
                        "mode": "urlencoded",
                        "urlencoded": [
                            {"key": name, "value": f"{{{{{name}}}}}"}
                            for name in ("key", "token", "password", "vault:vaulted")
                        ],
                    }
                },
            ),
            request("Find host", "http://{{key}}.invalid/{{token}}?{{password}}"),
            request("Redirect", f"{target}/redirect-to?url=http://127.0.0.1:1/{{{{token}}}}"),
            request("Redirect to host", f"{target}/redirect-to?url=http://{{{{key}}}}.invalid/{{{{token}}}}"),
        ],
    }


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as server:
        yield server


@pytest.fixture
def environment(workspace: Workspace) -> Environment:
    environment = make_environment(workspace, key=KEY, token=TOKEN, password=PASSWORD, pem=PEM, session="")
    environment.variables.update(is_secret=True)
    VaultSecret.objects.create(workspace=workspace, key="vaulted", value=VAULT)
    return environment


@pytest.fixture
def run(workspace: Workspace, environment: Environment, target: Target, standin: StandIn) -> Run:
    """Executed, with what came of it delivered."""
    orders = make_collection(workspace, content=collection(target.url))
    monitor = make_monitor(workspace, collection=orders, environment=environment)
    make_integration(workspace, monitor, config={"integration_key": INTEGRATION_KEY}, send_changes=True)
    mailed = {"recipients": ["oncall@acme.example"], "stop_after": 3}
    posted = {"url": f"{target.url}/{HOOK}?{HOOK}", "secret": SIGNING_SECRET, "when": "every_run"}
    for provider, config in {"email": mailed, "webhook": posted}.items():
        Integration.objects.create(
            workspace=workspace, monitor=monitor, provider=provider, name=provider, config=config
        )
    run = Run.queue(monitor, "default", RunType.MANUAL)
    worker.execute(run.pk)
    deliver_all()
    run.refresh_from_db()
    return run


@pytest.fixture
def things(workspace: Workspace, run: Run) -> Things:
    """One of everything, and the run's own wherever it has one."""
    integration = Integration.objects.get(monitor=run.monitor, provider="pagerduty")
    assert run.monitor.environment
    return {
        **fill(workspace),
        "collections": run.monitor.collection,
        "deliveries": integration.deliveries.get(),
        "environments": run.monitor.environment,
        "incidents": integration.incidents.get(),
        "integrations": integration,
        "monitors": run.monitor,
        "runs": run,
        "vault": (secret := VaultSecret.objects.get(key="vaulted")),
        "vault-secrets": secret,
    }


def spellings(secret: str) -> set[str]:
    """The secret's beginning and end too: what is cut in the middle is half leaked."""
    spelled = {secret, repr(secret)[1:-1], quote(secret), quote(secret, safe="!'()*"), quote_plus(secret)}
    spelled |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    # What surrounds a secret shifts its base64 by one or two bytes and spells its ends in another way.
    spelled |= {base64.b64encode(b"." * shift + secret.encode()).decode()[4:-4] for shift in range(3)}
    return {part for text in spelled for part in (text[:12], text[len(text) // 2 :][:12], text[-12:])}


def leaked(text: str) -> list[str]:
    """The secrets that can be read in this, with what surrounds them; as HTML or JSON escape them too."""
    plain = html.unescape(text)
    texts = {text, plain, plain.replace("\\\\", "\\").replace('\\"', '"')}
    return [
        f"{name}: {found[max(at - 60, 0) : at + 60]!r}"
        for name, secret in CORPUS.items()
        for spelling in sorted(spellings(secret))
        for found in texts
        if (at := found.find(spelling)) >= 0
    ]


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode())


def addresses(workspace: Workspace, things: Things, prefix: str | tuple[str, ...]) -> list[str]:
    """What can be opened under the prefix."""
    return [
        route.address(workspace, things)
        for route in routes()
        if "get" in route.methods and route.text.startswith(prefix)
    ]


def test_the_target_gets_every_secret(run: Run, target: Target) -> None:
    order = target.seen[0]
    assert order.body.decode() == " ".join((KEY, TOKEN, PASSWORD, PEM, VAULT))
    for secret in (KEY, TOKEN, PASSWORD, VAULT):
        assert secret in unquote(order.target)
    assert order.header("X-Key") == KEY
    assert order.header("X-Token") == TOKEN
    assert order.header("Authorization") == basic(f"postman:{PASSWORD}")


def test_the_run_says_what_it_can_without_them(run: Run) -> None:
    assert run.result == Result.ERROR
    assert len(run.detail.requests) >= 4
    assert "*****" in str(run.detail.requests[0].assertions)
    assert "*****" in str(run.detail.console)


def test_pagerduty_gets_none(run: Run, standin: StandIn) -> None:
    bodies = [event["body"] for event in standin.events]
    assert [body.pop("routing_key") for body in bodies] == [INTEGRATION_KEY]
    assert leaked(json.dumps(bodies, ensure_ascii=False)) == []
    assert "Create order" in json.dumps(bodies)


def test_pagerduty_is_notified_of_a_change_without_them(
    run: Run, environment: Environment, standin: StandIn, as_owner: Client
) -> None:
    stored = environment.variables.get(key="key").pk
    row = {"stored": stored, "key": "key", "value": KEY, "is_secret": "on"}
    as_owner.post(environment.get_absolute_url(), typed(row))
    deliver_all()
    change = standin.events[-1]["body"]
    assert change.pop("routing_key") == INTEGRATION_KEY
    assert "was edited by" in change["payload"]["summary"]
    assert leaked(json.dumps(change, ensure_ascii=False)) == []


def test_the_webhook_gets_none(run: Run, target: Target) -> None:
    posted = target.seen[-1]
    assert HOOK in posted.target
    assert json.loads(posted.body)["run_id"] == run.pk
    assert leaked(posted.body.decode()) == []


def test_no_table_holds_one_that_can_be_read(things: Things) -> None:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            assert leaked("\n".join(str(value) for row in cursor.fetchall() for value in row)) == [], table


def test_what_is_kept_of_a_delivery_has_none(run: Run) -> None:
    kept = [(delivery.body, delivery.response_text) for delivery in Delivery.objects.all()]
    assert len(kept) == 3
    assert leaked(json.dumps(kept, ensure_ascii=False)) == []


@pytest.mark.usefixtures("run")
def test_no_log_and_no_mail_has_one(caplog: pytest.LogCaptureFixture) -> None:
    records = caplog.get_records("setup")
    assert records
    assert leaked("\n".join(map(logging.Formatter().format, records))) == []
    (message,) = mail.outbox
    assert "Create order" in message.body
    assert leaked(f"{message.subject} {message.body} {message.message().as_string()}") == []


def test_no_page_shows_one(workspace: Workspace, things: Things, as_owner: Client) -> None:
    pages = addresses(workspace, things, ("w/", "integrations/"))
    assert f"{reverse('integrations:integration', args=[things['integrations'].pk])}log.csv" in pages
    for integration in Integration.objects.for_workspace(workspace):
        pages += [integration.get_absolute_url(), f"{integration.get_absolute_url()}edit/"]
    texts = {page: text_of(as_owner.get(page)) for page in pages}
    assert {page: leaked(text) for page, text in texts.items() if leaked(text)} == {}


def test_no_answer_of_the_api_has_one(workspace: Workspace, things: Things) -> None:
    client = client_of(workspace, Role.OWNER)
    answers = {page: text_of(client.get(page)) for page in addresses(workspace, things, "api/v1/")}
    assert "Create order" in answers[f"/api/v1/runs/{things['runs'].pk}/"]
    assert {page: leaked(text) for page, text in answers.items() if leaked(text)} == {}


def test_no_page_of_the_admin_shows_one(things: Things) -> None:
    operator = signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))
    for label in ("workspaces", "monitors", "integrations"):
        for model in apps.get_app_config(label).get_models():
            assert {page: leaked(text) for page, text in admin_pages(operator, model) if leaked(text)} == {}


def admin_pages(operator: Client, model: type[Model]) -> Iterator[tuple[str, str]]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    pages = [reverse(f"{name}_changelist")]
    # The rows of the run are the first.
    pages += [reverse(f"{name}_change", args=[row.pk]) for row in model._default_manager.order_by("pk")[:12]]
    for page in pages:
        yield page, text_of(operator.get(page))
