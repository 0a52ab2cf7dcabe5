from celery.signals import worker_ready
from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from integrations import holding, receivers

        receivers.connect()
        worker_ready.connect(holding.log_start)
