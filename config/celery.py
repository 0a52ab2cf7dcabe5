"""The Celery application. Queues: `runs.<region>` for executions, `default` for everything short."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("postwatch")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
