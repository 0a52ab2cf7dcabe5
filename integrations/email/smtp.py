"""Sends a mail and finds out which recipients the mail server refused."""

from contextlib import suppress
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from django.core.mail import EmailMessage, get_connection

from integrations.base import DeliveryError
from workspaces.mail import is_permanent

RefusedRecipients = dict[str, tuple[int, bytes]]
"""The mail server's reply code and text by address, as in smtplib."""


def send(message: EmailMessage) -> RefusedRecipients:
    """Returns the recipients that the mail server refused. Raises DeliveryError if no mail was sent."""
    try:
        return _send(message)
    except SMTPRecipientsRefused as error:
        return error.recipients
    except SMTPAuthenticationError as error:
        # The operator must fix it. Until then the teams' mails are kept.
        raise _delivery_error(error.smtp_code, permanent=False)
    except SMTPResponseException as error:
        raise _delivery_error(error.smtp_code, permanent=is_permanent(error.smtp_code))
    except (SMTPException, OSError) as error:
        raise DeliveryError(f"The mail server could not be reached ({type(error).__name__}).")


def _send(message: EmailMessage) -> RefusedRecipients:
    refused: RefusedRecipients = {}
    connection = get_connection()
    connection.open()
    # If some recipients were accepted, smtplib returns the refused ones, and Django ignores what it returns.
    if server := getattr(connection, "connection", None):
        sendmail = server.sendmail
        server.sendmail = lambda *args, **options: refused.update(sendmail(*args, **options))
    try:
        connection.send_messages([message])
    finally:
        # The mail server has accepted the mail, even if QUIT fails.
        with suppress(SMTPException, OSError):
            connection.close()
    return refused


def _delivery_error(code: int, *, permanent: bool) -> DeliveryError:
    if code < 0:  # smtplib could not parse the reply.
        return DeliveryError("The server that responded is not a mail server.")
    return DeliveryError(f"The mail server responded with {code}.", status=code, permanent=permanent)
