"""Hands a mail to the mail server, and says for whom it was not taken."""

from contextlib import suppress
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from django.core.mail import EmailMessage, get_connection

from integrations.base import DeliveryError

Refusals = dict[str, tuple[int, bytes]]
"""By address, the code and the words of the mail server."""


def hand_over(message: EmailMessage) -> Refusals:
    """Returns the recipients that the mail server refused. Raises DeliveryError when it took nothing."""
    try:
        return _send(message)
    except SMTPRecipientsRefused as problem:
        return problem.recipients
    except SMTPAuthenticationError as problem:
        # The operator's to mend, and no reason to lose what teams are owed until then.
        raise _refusal(problem.smtp_code, permanent=False)
    except SMTPResponseException as problem:
        raise _refusal(problem.smtp_code, permanent=is_final(problem.smtp_code))
    except (SMTPException, OSError) as problem:
        raise DeliveryError(f"The mail server could not be reached ({type(problem).__name__}).")


def is_final(code: int) -> bool:
    """A mail server that puts one off, as greylisting does, answers with 4xx."""
    return code >= 500


def _send(message: EmailMessage) -> Refusals:
    refusals: Refusals = {}
    connection = get_connection()
    connection.open()
    # Of a mail that was taken for some, smtplib tells whom it was not taken for; Django passes over that.
    if server := getattr(connection, "connection", None):
        send = server.sendmail
        server.sendmail = lambda *args, **options: refusals.update(send(*args, **options))
    try:
        connection.send_messages([message])
    finally:
        # What was taken is taken, however the goodbye goes.
        with suppress(SMTPException, OSError):
            connection.close()
    return refusals


def _refusal(code: int, *, permanent: bool) -> DeliveryError:
    if code < 0:  # smtplib's, for what is no answer
        return DeliveryError("What answers there is no mail server.")
    return DeliveryError(f"The mail server answered {code}.", status=code, permanent=permanent)
