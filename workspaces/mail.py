"""Mails about accounts and workspaces."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

log = logging.getLogger(__name__)

NOT_SENT = (SMTPException, OSError)
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


def one_line(text: object) -> str:
    """A name may hold line breaks, and neither a mail's subject nor a sentence in it may."""
    return " ".join(str(text).split())


def is_permanent(reply_code: int) -> bool:
    """Whether the mail server rejected a mail for good: 5yz; 4yz is temporary (RFC 5321, section 4.2.1)."""
    return reply_code >= 500
