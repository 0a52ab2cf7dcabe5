"""The content of the demo's workspace: a collection, an environment, a monitor and an integration."""

import json
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from config.demo.api import API_KEY
from integrations.models import Integration
from monitors.models import Collection, Environment, EnvironmentVariable, Monitor
from workspaces.models import User, Workspace

EMAIL = "demo@postwatch.example"
INTEGRATION_KEY = "demokey0" * 4
COLLECTION = Path(__file__).parent / "collection.json"


@transaction.atomic
def create(api_url: str) -> str:
    """Adds the user and the workspace if they are missing, and returns the password to sign in with.

    `api_url` is the URL of the monitored API.
    """
    password = _password()
    user = User.objects.filter(email=EMAIL).first() or User.objects.create_superuser(EMAIL)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    workspace = Workspace.objects.for_user(user).first()
    if workspace is None:
        workspace = Workspace.create_with_owner("Shop", user)
        _fill(workspace, user)
    # The API may have another port than last time.
    EnvironmentVariable.objects.filter(environment__workspace=workspace, key="baseUrl").update(value=api_url)
    return password


def _password() -> str:
    """Random for each installation, so that a later production on this database has no known password."""
    file: Path = settings.VAR_DIR / "demo-password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(4))
    return file.read_text()


def _fill(workspace: Workspace, user: User) -> None:
    collection: Collection = Collection.objects.create(workspace=workspace, name="Shop API")
    collection.add_version(json.loads(COLLECTION.read_text()), by=user)
    environment: Environment = Environment.objects.create(workspace=workspace, name="Local")
    environment.replace_variables(
        [
            EnvironmentVariable(key="baseUrl"),
            EnvironmentVariable(key="apiKey", value=API_KEY, is_secret=True),
        ]
    )
    monitor: Monitor = Monitor.objects.create(
        workspace=workspace,
        name="A customer's order",
        collection=collection,
        environment=environment,
        cron="* * * * *",
        request_timeout_ms=10_000,
        created_by=user,
    )
    Integration.objects.create(
        workspace=workspace,
        provider="pagerduty",
        name="Page the shop's team",
        monitor=monitor,
        config={"integration_key": INTEGRATION_KEY, "region": "us", "severity": ""},
        created_by=user,
    )
    monitor.run_now()
