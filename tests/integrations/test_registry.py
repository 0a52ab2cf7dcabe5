"""Each provider is whole, and nothing outside of its folder knows of it."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.test import Client

from integrations.registry import PROVIDERS, all_providers, get_provider

ROOT = Path(__file__).parents[2]
SLUGS = list(PROVIDERS)


@pytest.mark.parametrize("slug", SLUGS)
def test_it_has_all_its_parts(slug: str) -> None:
    provider = get_provider(slug)
    assert provider.slug == slug
    assert provider.name
    assert provider.tagline.endswith(".")
    for name in (provider.about_template, provider.steps_template):
        assert get_template(name)
    assert finders.find(provider.logo)


@pytest.mark.django_db
@pytest.mark.parametrize("slug", SLUGS)
def test_its_pages_open(as_editor: Client, slug: str) -> None:
    for url in (f"/integrations/{slug}/", f"/integrations/{slug}/add/"):
        page = as_editor.get(url)
        assert page.status_code == 200
        assert get_provider(slug).name in page.content.decode()


def test_unknown_providers_raise() -> None:
    with pytest.raises(KeyError):
        get_provider("carrier-pigeon")
    assert len(all_providers()) == len(PROVIDERS)


@pytest.mark.parametrize("slug", ["pagerduty", "webhook"])
def test_the_rest_knows_it_by_the_registry_alone(slug: str) -> None:
    own_folder = ROOT / "integrations" / slug
    others = ["integrations/**/*.py", "templates/integrations/**/*.html", "monitors/*.py", "workspaces/*.py"]
    for source in (path for pattern in others for path in ROOT.glob(pattern)):
        if source.name != "registry.py" and own_folder not in source.parents:
            assert slug not in source.read_text().lower(), source
