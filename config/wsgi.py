import os

from django.core.management import BaseCommand
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# As management commands and Celery's workers do: a server that lacks a setting says so and does not start.
BaseCommand().check()

from integrations import holding  # noqa: E402 (it needs what was set up above)

holding.log_start()
