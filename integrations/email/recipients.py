"""Who gets summaries, and the link by which a recipient ends them without an account here."""

from django.core import signing
from django.db import transaction
from django.urls import reverse

from integrations.base import Json
from integrations.models import Integration

SALT = "integrations.email.end-summaries"


def of_summaries(config: Json) -> list[str]:
    ended = config.get("without_summaries", [])
    return [address for address in config["recipients"] if address not in ended]


def ending_path(integration: Integration, address: str) -> str:
    """Signed, so that nobody ends the summaries of others."""
    token = signing.dumps([str(integration.pk), address], salt=SALT)
    return reverse("integrations:email-end-summaries", args=[token])


def read_token(token: str) -> tuple[str, str]:
    """The integration's id and the address. Raises signing.BadSignature."""
    pk, address = signing.loads(token, salt=SALT)
    return pk, address


@transaction.atomic
def end_summaries(integration: Integration, address: str) -> None:
    current = Integration.objects.select_for_update().get(pk=integration.pk)
    ended = current.config.get("without_summaries", [])
    if address not in ended:
        current.config |= {"without_summaries": [*ended, address]}
        current.save(update_fields=["config", "updated_at"])
