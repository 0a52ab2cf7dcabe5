"""The Celery application. Queues: `runs.<region>` for executions, `default` for everything short."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from kombu.transport import TRANSPORT_ALIASES

# It is about pickled messages, which a worker of ours does not take.
warnings.simplefilter("ignore", SecurityWarning)

TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("postwatch")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
