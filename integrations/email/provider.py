"""Mails when a monitor fails and when it recovers, and what happened in a day or a week."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.text import get_text_list

from integrations.base import Answer, DeliveryError, Json, RunProvider
from integrations.email import mailing, messages, recipients
from integrations.email.figures import figures
from integrations.email.forms import EmailForm
from integrations.models import Delivery, Integration
from monitors import cron
from monitors.models import Result, Run

OWED = "owed"
"""Of a body: the recipients that the mail server put off, where it took the mail for others."""

SUMMARY_SCHEDULES = {"daily_summary": "0 8 * * *", "weekly_summary": "0 8 * * 1"}
SUMMARY_SPANS = {"daily_summary": timedelta(days=1), "weekly_summary": timedelta(days=7)}


class Email(RunProvider):
    slug = "email"
    name = "Email"
    tagline = "Mails up to five people when a monitor fails and when it recovers."
    works = "Mailing"
    credential = "recipients"
    config_form = EmailForm
    urls = "integrations.email.urls"
    notifies_people = True

    def summary(self, config: Json) -> dict[str, str]:
        summaries = [word for word in ("daily", "weekly") if config.get(f"{word}_summary")]
        words = {
            "Recipients": ", ".join(config["recipients"]),
            "Stops after": f"{config['stop_after']} failed runs in a row, until one succeeds",
            "Summaries": " and ".join(summaries).capitalize() or "None",
        }
        if ended := config.get("without_summaries"):
            words["Get no summaries"] = ", ".join(ended)
        return words

    def destinations(self, config: Json) -> dict[str, str]:
        return {address.casefold(): address for address in config["recipients"]}

    def run_event(
        self, integration: Integration, run: Run, failed_before: int, notified_before: int
    ) -> Json | None:
        if run.result == Result.SUCCESSFUL:
            return messages.of_run("recovered", integration, run, failed_before) if notified_before else None
        if notified_before >= integration.config["stop_after"]:
            return None
        is_last = notified_before + 1 == integration.config["stop_after"]
        return messages.of_run("failed", integration, run, failed_before + 1, is_last=is_last)

    def test_event(self, integration: Integration) -> Json:
        return messages.of_test(integration)

    def next_summary(self, config: Json, after: datetime) -> datetime | None:
        """When the next summary is due, at eight in the morning of the server's time zone."""
        wanted = [schedule for name, schedule in SUMMARY_SCHEDULES.items() if config.get(name)]
        times = [cron.next_times(schedule, settings.TIME_ZONE, after)[0] for schedule in wanted]
        return min(times, default=None)

    def summary_events(self, integration: Integration, due_at: datetime) -> list[Json]:
        """The week's on Mondays, where both are wanted, else the day's; a mail a person, who may end them."""
        is_weekly = integration.config.get("weekly_summary") and due_at.weekday() == 0
        span = SUMMARY_SPANS["weekly_summary" if is_weekly else "daily_summary"]
        rows = figures(integration, due_at - span, due_at)
        to = recipients.of_summaries(integration.config)
        word = "week" if is_weekly else "day"
        return [messages.of_summary(integration, word, rows, address) for address in to]

    def send(self, config: Json, delivery: Delivery) -> Answer:
        body = delivery.body
        to = body.get(OWED) or ([body["to"]] if "to" in body else config["recipients"])
        message = EmailMultiAlternatives(
            " ".join(body["subject"].split()),
            body["text"],
            to=to,
            headers={"Auto-Submitted": "auto-generated"} | body.get("headers", {}),
        )
        if html := body.get("html"):
            message.attach_alternative(html, "text/html")
        refusals = mailing.hand_over(message)
        put_off = [address for address, (code, _) in refusals.items() if not mailing.is_final(code)]
        if put_off:
            _owe(delivery, put_off)
            words = f"The mail server did not take it for {get_text_list(put_off, 'and')} yet."
            raise DeliveryError(words, status=refusals[put_off[0]][0])
        refused = get_text_list(list(refusals), "and")
        if len(refusals) == len(to):
            code = next(iter(refusals.values()))[0]
            raise DeliveryError(f"The mail server refused {refused}.", status=code, permanent=True)
        taken = f"Mailed to {len(to) - len(refusals)}"
        return Answer(250, f"{taken}, but the mail server refused {refused}" if refused else taken)


def _owe(delivery: Delivery, recipients: list[str]) -> None:
    """The next attempt is for these alone: the others have the mail."""
    delivery.body = delivery.body | {OWED: recipients}
    delivery.save(update_fields=["body"])
