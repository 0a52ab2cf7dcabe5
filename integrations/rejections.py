"""Mails a workspace's owners when a provider rejects an integration's events, once until it works again."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from integrations.models import Integration
from workspaces.models import Role, User

log = logging.getLogger(__name__)


def mail_owners() -> None:
    for integration in Integration.objects.with_untold_rejection():
        claimed = Integration.objects.with_untold_rejection().filter(pk=integration.pk)
        if claimed.update(owners_told_at=timezone.now()):
            _mail(integration)


def _mail(integration: Integration) -> None:
    owners = User.objects.filter(
        memberships__workspace=integration.workspace_id, memberships__role=Role.OWNER, is_active=True
    )
    context = {"integration": integration, "site_url": settings.SITE_URL}
    try:
        send_mail(
            f"{integration.name}: {integration.get_provider().name} rejects its events",
            render_to_string("integrations/mail/rejected.txt", context),
            None,
            [owner.email for owner in owners],
        )
    except (SMTPException, OSError) as problem:
        log.warning("The owners of integration %s could not be mailed: %s", integration.pk, problem)
        Integration.objects.filter(pk=integration.pk).update(owners_told_at=None)
