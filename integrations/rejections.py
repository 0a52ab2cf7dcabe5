"""Mails the owners of a workspace, once, when a provider rejects the events of an integration."""

import logging
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from integrations.models import Integration
from integrations.models.integrations import REJECTIONS_UNTIL_BROKEN
from integrations.texts import one_line
from workspaces.mail import is_permanent
from workspaces.models import Role, User

log = logging.getLogger(__name__)

MAX_NAME = 100
MAX_PROBLEM = 500


def mail_owners() -> None:
    """Call in every sweep. When the mail server accepts no mail, the rest waits for the next sweep."""
    for integration in Integration.objects.with_unreported_rejection():
        claimed = Integration.objects.with_unreported_rejection().filter(pk=integration.pk)
        if claimed.update(owners_notified_at=timezone.now()) and not _mail(integration):
            Integration.objects.filter(pk=integration.pk).update(owners_notified_at=None)
            return


def _mail(integration: Integration) -> bool:
    """False when another attempt may succeed."""
    owners = User.objects.filter(
        memberships__workspace=integration.workspace_id,
        memberships__role=Role.OWNER,
        is_active=True,
        # Somebody else may have typed an address that is not verified.
        emailaddress__verified=True,
    ).distinct()
    provider = integration.get_provider()
    context = {
        "provider": provider,
        "name": one_line(integration.name, MAX_NAME),
        "workspace": one_line(integration.workspace.name, MAX_NAME),
        "problem": one_line(integration.problem, MAX_PROBLEM),
        "is_broken": integration.is_broken,
        "limit": REJECTIONS_UNTIL_BROKEN,
        "edit_url": settings.SITE_URL + reverse("integrations:edit", args=[integration.pk]),
    }
    subject = f"{context['name']}: {provider.name} rejects its events"
    context |= {"button_url": context["edit_url"], "subject": subject}
    try:
        send_mail(
            subject,
            render_to_string("integrations/mail/rejected.txt", context),
            None,
            [owner.email for owner in owners],
            html_message=render_to_string("integrations/mail/rejected.html", context),
        )
    except (SMTPException, OSError) as problem:
        log.warning("The owners of integration %s could not be mailed: %s", integration.pk, problem)
        return _is_final(problem)
    return True


def _is_final(error: Exception) -> bool:
    """Whether the mail server will never accept the mail."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(is_permanent(code) for code, _ in error.recipients.values())
    return isinstance(error, SMTPResponseException) and is_permanent(error.smtp_code)
