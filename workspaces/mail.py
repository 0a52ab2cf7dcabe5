"""Mails about accounts and workspaces."""

import logging
from collections.abc import Mapping
from enum import Enum
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from workspaces.models import Role, User, Workspace

log = logging.getLogger(__name__)

NOT_SENT = (SMTPException, OSError)
OF_THE_CONNECTION = (SMTPConnectError, SMTPHeloError, SMTPAuthenticationError)
"""Responses of a mail server that are about no mail in particular."""
NOT_ACCEPTED = "The mail server did not accept the mail. Ask your operator."

UNREAD_BACKENDS = {
    "django.core.mail.backends.console.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
}


def is_set_up() -> bool:
    """Whether mails are really sent, instead of printed or dropped."""
    return settings.EMAIL_BACKEND not in UNREAD_BACKENDS


def send(email: str, subject: str, template: str, **context: object) -> bool:
    """False when the mail could not be sent.

    `template` names a text and an HTML in templates/workspaces/mail/. The button leads to `button_url`.
    """
    context |= {"site_url": settings.SITE_URL, "subject": one_line(subject)}
    text, html = (render_to_string(f"workspaces/mail/{template}.{kind}", context) for kind in ("txt", "html"))
    try:
        send_mail(one_line(subject), text, None, [email], html_message=html)
    except NOT_SENT as problem:
        log.warning("The mail %r could not be sent: %s", template, problem)
        return False
    return True


class Outcome(Enum):
    """What came of a mail."""

    OVER = "sent, or the mail server will never accept it"
    LATER = "this mail was not accepted now: another attempt may succeed"
    UNREACHABLE = "the mail server accepts no mail at all now"


def send_to_owners(
    workspace: Workspace, subject: str, template: str, context: Mapping[str, object]
) -> Outcome:
    """Sends one mail to all owners.

    `template` is a text and a page: templates/<template>.txt and .html. The page extends mail/base.html.
    """
    owners = User.objects.filter(
        memberships__workspace=workspace,
        memberships__role=Role.OWNER,
        is_active=True,
        # Somebody else may have typed an address that is not verified.
        emailaddress__verified=True,
    ).distinct()
    subject = one_line(subject)
    context = {**context, "subject": subject}
    try:
        send_mail(
            subject,
            render_to_string(f"{template}.txt", context),
            None,
            [owner.email for owner in owners],
            html_message=render_to_string(f"{template}.html", context),
        )
    except NOT_SENT as problem:
        log.warning("The owners of workspace %s could not be mailed: %s", workspace.slug, problem)
        return _outcome_of(problem)
    return Outcome.OVER


def _outcome_of(error: Exception) -> Outcome:
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, SMTPResponseException) and not isinstance(error, OF_THE_CONNECTION):
        codes = [error.smtp_code]
    else:
        return Outcome.UNREACHABLE
    return Outcome.OVER if all(map(is_permanent, codes)) else Outcome.LATER


def one_line(text: object) -> str:
    """A name may hold line breaks, and neither a mail's subject nor a sentence in it may."""
    return " ".join(str(text).split())


def is_permanent(reply_code: int) -> bool:
    """Whether the mail server rejected a mail for good: 5yz; 4yz is temporary (RFC 5321, section 4.2.1)."""
    return reply_code >= 500
