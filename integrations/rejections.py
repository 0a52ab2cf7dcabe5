"""Mails the owners of a workspace, once, when a provider rejects the events of an integration."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from integrations.models import Integration
from integrations.models.integration_querysets import REJECTIONS_UNTIL_BROKEN
from integrations.texts import one_line
from workspaces.mail import Outcome, send_to_owners

MAX_NAME = 100
MAX_PROBLEM = 500


def mail_owners() -> None:
    """Call in every sweep. When the mail server accepts no mail, the rest waits for the next sweep."""
    for integration in Integration.objects.with_unreported_rejection():
        claimed = Integration.objects.with_unreported_rejection().filter(pk=integration.pk)
        if not claimed.update(owners_notified_at=timezone.now()):
            continue
        outcome = _mail(integration)
        if outcome is not Outcome.OVER:
            Integration.objects.filter(pk=integration.pk).update(owners_notified_at=None)
        if outcome is Outcome.UNREACHABLE:
            return


def _mail(integration: Integration) -> Outcome:
    provider = integration.get_provider()
    name = one_line(integration.name, MAX_NAME)
    edit_url = settings.SITE_URL + reverse("integrations:edit", args=[integration.pk])
    context = {
        "provider": provider,
        "name": name,
        "workspace": one_line(integration.workspace.name, MAX_NAME),
        "problem": one_line(integration.problem, MAX_PROBLEM),
        "is_broken": integration.is_broken,
        "limit": REJECTIONS_UNTIL_BROKEN,
        "edit_url": edit_url,
        "button_url": edit_url,
    }
    subject = f"{name}: {provider.name} rejects its events"
    return send_to_owners(integration.workspace, subject, "integrations/mail/rejected", context)
