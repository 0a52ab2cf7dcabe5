"""The settings of the suite, whatever the shell or a `.env` file holds. Loaded before Django."""

import os

os.environ["DEBUG"] = "true"
os.environ["EGRESS_ALLOW"] = "127.0.0.0/8,::1"
os.environ["SITE_URL"] = "http://postwatch.test"
os.environ["REGION"] = "default"
os.environ["REGIONS"] = "default"
os.environ["EMAIL_URL"] = "consolemail://"
os.environ["CELERY_BROKER_URL"] = "memory://"
for name in ("PAGERDUTY_US_EVENTS_URL", "PAGERDUTY_EU_EVENTS_URL"):
    os.environ[name] = "http://127.0.0.1:9"
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")
