"""Takes the pictures of the documentation: `python -m tests.screenshots [FOLDER]`, docs/images by default."""

import os
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    with tempfile.TemporaryDirectory() as var:
        prepare(var)
        from tests.screenshots import pictures

        return pictures.take_all(folder)


def prepare(var: str) -> None:
    """A database of its own, whatever the environment and `.env` say."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        # Playwright runs an event loop in this thread, and Django would refuse queries beside it.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "DEBUG": "true",
        "VAR_DIR": var,
        "DATABASE_URL": f"sqlite:///{var}/db.sqlite3",
        "CELERY_BROKER_URL": "filesystem://",
        "EMAIL_URL": "dummymail://",
    }
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
