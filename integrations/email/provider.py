"""Mails people when a monitor fails and when it recovers, and sends daily and weekly summaries."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.text import get_text_list

from integrations.base import DeliveryError, EventBody, JsonObject, ProviderResponse, RunProvider
from integrations.email import messages, recipients, smtp
from integrations.email.forms import EmailForm
from integrations.email.stats import monitor_stats
from integrations.models import Delivery, Integration
from monitors import cron
from monitors.models import Result, Run
from workspaces.mail import is_permanent

DEFERRED = "deferred"
"""Key in a delivery's body: the recipients that the mail server deferred while it accepted others."""

SUMMARY_SCHEDULES = {"daily_summary": "0 8 * * *", "weekly_summary": "0 8 * * 1"}
SUMMARY_PERIODS = {"daily_summary": timedelta(days=1), "weekly_summary": timedelta(days=7)}


class Email(RunProvider):
    slug = "email"
    name = "Email"
    tagline = "Mails up to five people when a monitor fails and when it recovers."
    active_label = "Mailing"
    credential_label = "recipients"
    config_form = EmailForm
    urlconf = "integrations.email.urls"
    notifies_people = True

    def describe(self, config: JsonObject) -> dict[str, str]:
        summaries = [word for word in ("daily", "weekly") if config.get(f"{word}_summary")]
        described = {
            "Recipients": ", ".join(config["recipients"]),
            "Stops after": f"{config['stop_after']} failed runs in a row, until one succeeds",
            "Summaries": " and ".join(summaries).capitalize() or "None",
        }
        if unsubscribed := config.get("without_summaries"):
            described["Unsubscribed from summaries"] = ", ".join(unsubscribed)
        return described

    def destinations(self, config: JsonObject) -> dict[str, str]:
        return {address.casefold(): address for address in config["recipients"]}

    def run_event(
        self, integration: Integration, run: Run, failed_before: int, notified_before: int
    ) -> EventBody | None:
        if run.result == Result.SUCCESSFUL:
            return messages.recovered_mail(integration, run, failed_before) if notified_before else None
        if notified_before >= integration.config["stop_after"]:
            return None
        is_last = notified_before + 1 == integration.config["stop_after"]
        return messages.failed_mail(integration, run, failed_before + 1, is_last=is_last)

    def test_event(self, integration: Integration) -> EventBody:
        return messages.test_mail(integration)

    def next_summary(self, config: JsonObject, after: datetime) -> datetime | None:
        """When the next summary is due: at 8:00 in the server's time zone."""
        schedules = [schedule for name, schedule in SUMMARY_SCHEDULES.items() if config.get(name)]
        times = [cron.next_times(schedule, settings.TIME_ZONE, after)[0] for schedule in schedules]
        return min(times, default=None)

    def summary_events(self, integration: Integration, due_at: datetime) -> list[EventBody]:
        """One mail for each recipient. On Mondays the weekly summary replaces the daily one."""
        is_weekly = integration.config.get("weekly_summary") and due_at.weekday() == 0
        period = SUMMARY_PERIODS["weekly_summary" if is_weekly else "daily_summary"]
        stats = monitor_stats(integration, due_at - period, due_at)
        period_name = "week" if is_weekly else "day"
        return [
            messages.summary_mail(integration, period_name, stats, address)
            for address in recipients.summary_recipients(integration.config)
        ]

    def send(self, config: JsonObject, delivery: Delivery) -> ProviderResponse:
        """Some recipients may be refused. The mail is sent again to those that were only deferred."""
        body = delivery.body
        to = body.get(DEFERRED) or ([body["to"]] if "to" in body else config["recipients"])
        refused = smtp.send(_message(body, to))
        deferred = [address for address, (code, _) in refused.items() if not is_permanent(code)]
        if deferred:
            _keep_deferred(delivery, deferred)
            text = f"The mail server has not accepted the mail for {get_text_list(deferred, 'and')} yet."
            raise DeliveryError(text, status=refused[deferred[0]][0])
        refused_names = get_text_list(list(refused), "and")
        if len(refused) == len(to):
            code = next(iter(refused.values()))[0]
            raise DeliveryError(f"The mail server refused {refused_names}.", status=code, permanent=True)
        text = f"Mailed to {len(to) - len(refused)}"
        return ProviderResponse(
            250, f"{text}, but the mail server refused {refused_names}" if refused else text
        )


def _message(body: JsonObject, to: list[str]) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        " ".join(body["subject"].split()),
        body["text"],
        to=to,
        headers={"Auto-Submitted": "auto-generated"} | body.get("headers", {}),
    )
    if html := body.get("html"):
        message.attach_alternative(html, "text/html")
    return message


def _keep_deferred(delivery: Delivery, addresses: list[str]) -> None:
    """The next attempt is only for these, since the other recipients have the mail."""
    delivery.body = delivery.body | {DEFERRED: addresses}
    delivery.save(update_fields=["body"])
