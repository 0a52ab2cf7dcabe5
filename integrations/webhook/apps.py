from django.apps import AppConfig


class WebhookConfig(AppConfig):
    name = "integrations.webhook"
    label = "webhook"
