"""Sends invitations by mail. Where no mail can be sent, the owner gets the link and hands it over."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from workspaces import limits, mail
from workspaces.models import Invitation


class TooManyMails(Exception):
    """A limit of mails is exceeded. Its text tells the sender what to do."""


def send(request: HttpRequest, invitation: Invitation) -> str | None:
    """Sends a new link, which replaces earlier ones. Returns it where it could not be mailed.

    Nothing here depends on whether the address has an account: an owner must not find that out.
    """
    if limits.count(request, "invitations_of_workspace", str(invitation.workspace_id)) is None:
        raise TooManyMails("This workspace sent as many invitations as it may in a day. Try again tomorrow.")
    if limits.count(request, "mails_to_address", invitation.email) is None:
        raise TooManyMails("This address had several mails from Postwatch already. Try again tomorrow.")
    link = f"{settings.SITE_URL}{reverse('accept-invitation', args=[invitation.renew()])}"
    if not mail.is_set_up() or not _mail(invitation, link):
        return link
    invitation.was_mailed = True
    invitation.save(update_fields=["was_mailed"])
    return None


def _mail(invitation: Invitation, link: str) -> bool:
    by, workspace = mail.one_line(invitation.invited_by), mail.one_line(invitation.workspace)
    return mail.send(
        invitation.email,
        f"{by} invites you to {workspace} on Postwatch",
        "invitation",
        by=by,
        workspace=workspace,
        button_url=link,
        days=Invitation.LIFETIME.days,
    )
