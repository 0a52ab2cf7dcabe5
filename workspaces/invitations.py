"""Tells people by mail that they were added to a workspace."""

import logging
from smtplib import SMTPException

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from workspaces.models import Membership, User

log = logging.getLogger(__name__)


def mail_new_member(membership: Membership, by: User) -> bool:
    """False when the mail could not be sent."""
    user, workspace = membership.user, membership.workspace
    context = {
        "workspace": workspace,
        "by": by,
        "is_new": not user.has_usable_password(),
        "link": settings.SITE_URL + first_page(membership),
        "reset_link": settings.SITE_URL + reverse("account_reset_password"),
    }
    # A name may hold line breaks, and a mail's subject may not.
    subject = " ".join(f"{by} added you to {workspace} on Postwatch".split())
    try:
        send_mail(subject, render_to_string("workspaces/mail/added.txt", context), None, [user.email])
    except (SMTPException, OSError) as problem:
        log.warning("A new member of workspace %s could not be mailed: %s", workspace.pk, problem)
        return False
    return True


def first_page(membership: Membership) -> str:
    """The workspace, or for somebody without a password the page to choose one."""
    user = membership.user
    if user.has_usable_password():
        return membership.workspace.get_absolute_url()
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
