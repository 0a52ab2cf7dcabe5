from django.apps import AppConfig


class EmailConfig(AppConfig):
    name = "integrations.email"
    label = "email"
