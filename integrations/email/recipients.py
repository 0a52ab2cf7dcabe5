"""Who gets summaries, and the link by which a recipient unsubscribes from them without an account."""

from django.core import signing
from django.db import transaction
from django.urls import reverse

from integrations.base import JsonObject
from integrations.models import Integration

SALT = "integrations.email.end-summaries"


def summary_recipients(config: JsonObject) -> list[str]:
    """The recipients who have not unsubscribed from summaries."""
    unsubscribed = config.get("without_summaries", [])
    return [address for address in config["recipients"] if address not in unsubscribed]


def unsubscribe_path(integration: Integration, address: str) -> str:
    """The URL path of the unsubscribe page, signed so that nobody can unsubscribe others."""
    token = signing.dumps([str(integration.pk), address], salt=SALT)
    return reverse("integrations:email-unsubscribe", args=[token])


def read_token(token: str) -> tuple[str, str]:
    """The integration's id and the address in the link. Raises signing.BadSignature."""
    pk, address = signing.loads(token, salt=SALT)
    return pk, address


@transaction.atomic
def unsubscribe(integration: Integration, address: str) -> None:
    """Sends the address no more summaries of the integration."""
    current = Integration.objects.select_for_update().get(pk=integration.pk)
    unsubscribed = current.config.get("without_summaries", [])
    if address not in unsubscribed:
        current.config |= {"without_summaries": [*unsubscribed, address]}
        current.save(update_fields=["config", "updated_at"])
