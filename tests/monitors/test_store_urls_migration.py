"""Collections that were imported before are found by the URLs of their requests."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from monitors.models import Collection
from tests.factories import make_collection
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

migration: Any = import_module("monitors.migrations.0019_store_urls_to_search")


def test_urls_of_stored_collections_are_filled_in(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "BATCH", 2)
    for number in range(5):
        make_collection(workspace, f"Collection {number}")
    Collection.objects.update(request_urls="")
    migration.store_urls(apps, None)
    assert set(Collection.objects.values_list("request_urls", flat=True)) == {"https://api.example/orders"}


def test_what_cannot_be_read_waits_for_its_next_import(workspace: Workspace, settings: Any) -> None:
    make_collection(workspace)
    Collection.objects.update(request_urls="")
    settings.FIELD_ENCRYPTION_KEYS = ["b" * 43 + "="]
    migration.store_urls(apps, None)
    assert Collection.objects.get().request_urls == ""
