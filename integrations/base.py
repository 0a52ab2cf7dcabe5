"""What a provider is: one kind of service that is notified of failing monitors, in a folder of its own.

Subclass IncidentProvider or RunProvider, and add the class to `integrations.registry`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from django import forms
from django.utils.html import format_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from integrations.models import Delivery, Incident, Integration
    from monitors.models import RegionStatus, Run

JsonObject: TypeAlias = dict[str, Any]
"""A decoded JSON object, such as the configuration that a ConfigForm has cleaned."""

EventBody: TypeAlias = Mapping[str, object]
"""The body of an event. It is stored as JSON and shown to people, so it must not hold a secret."""


@dataclass(frozen=True)
class ProviderResponse:
    """The provider's response to an event that it accepted."""

    status: int
    """The status code of HTTP, or of SMTP for mail."""
    text: str
    """One sentence for the run log, with secrets masked."""


@dataclass(frozen=True)
class Change:
    """A change to a monitor, collection or environment, for providers with `accepts_changes`."""

    summary: str
    by: str
    """The user or API key that made it."""
    at: datetime
    workspace: str
    """The workspace's name."""
    path: str
    """The URL path of the page that shows what was changed."""


class DeliveryError(Exception):
    """The provider did not accept an event. The message is for the people who set up the integration.

    `status`: the status code of the response; None when there was none.
    `permanent`: the provider will never accept this event. Other errors are retried.
    `in_doubt`: the provider may have processed the event although it did not confirm it.
    `retry_after`: the seconds that the provider asked to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        permanent: bool = False,
        in_doubt: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.permanent = permanent
        self.in_doubt = in_doubt
        self.retry_after = retry_after


class ConfigForm(forms.Form):
    """The fields of a provider's configuration, which pages and API share.

    `current` is the stored configuration while editing. A field named in `secret_fields` is never shown
    again; if it is left empty, the stored value is kept.
    """

    secret_fields: ClassVar[tuple[str, ...]] = ()
    advanced_fields: ClassVar[tuple[str, ...]] = ()
    """Shown in the collapsed section "When to page". Changing one does not close open incidents."""

    def __init__(
        self, data: Mapping[str, object] | None = None, *, current: JsonObject | None = None
    ) -> None:
        self.current = current or {}
        super().__init__(data, initial=self.initial_config())
        for name in self.secret_fields:
            if self.current.get(name):
                self.fields[name].required = False
                self.fields[name].help_text = format_html(
                    "Ends in {}. Leave empty to keep it.", self.current[name][-4:]
                )

    def initial_config(self) -> JsonObject:
        """The values that the form shows before anybody has typed: the stored ones without the secrets."""
        return {name: value for name, value in self.current.items() if name not in self.secret_fields}

    def clean(self) -> JsonObject:
        cleaned = super().clean() or {}
        for name in self.secret_fields:
            if name in cleaned and not cleaned[name]:
                cleaned[name] = self.current.get(name, "")
        return cleaned


class Provider(ABC):
    """One kind of integration.

    Its folder also has the templates `<slug>/about.html` and `<slug>/steps.html` for the provider's page, and
    the static file `<slug>/logo.svg`. Every `config` parameter is a configuration that `config_form` cleaned.
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    tagline: ClassVar[str]
    active_label: ClassVar[str]
    """The state shown for a working integration, in one word: "Paging"."""
    credential_label: ClassVar[str]
    """What people must correct when the provider rejects every event: "key"."""
    config_form: ClassVar[type[ConfigForm]]
    calls_per_minute: ClassVar[int | None] = None
    """The provider's rate limit: the maximum number of events a minute for one `channel`. None: no limit."""
    urlconf: ClassVar[str] = ""
    """The module with the provider's own URL patterns, which are included under /integrations/<slug>/."""
    accepts_changes: ClassVar[bool] = False
    """Whether `change_event` is implemented."""

    @property
    def logo(self) -> str:
        return f"{self.slug}/logo.svg"

    @property
    def about_template(self) -> str:
        return f"{self.slug}/about.html"

    @property
    def steps_template(self) -> str:
        return f"{self.slug}/steps.html"

    @property
    def connect_url_name(self) -> str:
        """The URL name of the page that fetches the configuration from the provider; empty: none."""
        return ""

    @property
    def opens_incidents(self) -> bool:
        return isinstance(self, IncidentProvider)

    @abstractmethod
    def describe(self, config: JsonObject) -> dict[str, str]:
        """The configuration for the integration's page, as text by label, with secrets masked."""

    def channel(self, config: JsonObject) -> str:
        """What the provider applies its rate limit to, at most 64 characters; empty: nothing.

        It is stored in plain text, so it must not reveal a secret.
        """
        return ""

    @abstractmethod
    def destinations(self, config: JsonObject) -> dict[str, str]:
        """Whom or what the configuration notifies: a description for people by a value to compare.

        Two integrations that watch the same monitor may not share one, because it would be notified twice.
        """

    @abstractmethod
    def send(self, config: JsonObject, delivery: Delivery) -> ProviderResponse:
        """Sends one event and returns once the provider has accepted it. Raises DeliveryError otherwise.

        It must finish within `integrations.models.deliveries.LEASE`.
        """

    def next_summary(self, config: JsonObject, after: datetime) -> datetime | None:
        """When the next summary is due; None if the configuration asks for none."""
        return None

    def summary_events(self, integration: Integration, due_at: datetime) -> list[EventBody]:
        """The events that summarize the time before `due_at`, which is a time that `next_summary` gave."""
        raise NotImplementedError

    def changes_problem(self, config: JsonObject) -> str:
        """Why this configuration cannot send changes, as a sentence for people; empty if it can."""
        return ""

    def change_event(self, change: Change) -> EventBody:
        """The event that reports a change. Only called if `accepts_changes`."""
        raise NotImplementedError


class IncidentProvider(Provider):
    """Opens an incident when a monitor fails, and closes it when the monitor recovers."""

    @abstractmethod
    def trigger_event(self, incident: Incident, run: Run) -> EventBody:
        """The event that opens the incident, or adds the failed run to it."""

    @abstractmethod
    def late_event(self, incident: Incident, late: Sequence[RegionStatus]) -> EventBody:
        """The event that opens the incident of a monitor that does not run in these regions.

        It has the severity of a warning, and says that the API may be fine.
        """

    @abstractmethod
    def resolve_event(self, incident: Incident) -> EventBody:
        """The event that closes the incident."""

    def incidents_url(self, config: JsonObject) -> str:
        """Where people see at the provider what this configuration opened; empty if that is not known."""
        return ""

    @abstractmethod
    def test_event(self, incident: Incident) -> EventBody:
        """The event that opens a test incident, which shows people whether the integration works."""


class RunProvider(Provider):
    """Receives events about single runs, and has no incidents."""

    notifies_people: ClassVar[bool] = False
    """Whether people read its events at once. They get none about an outage that is already over."""

    @abstractmethod
    def run_event(
        self, integration: Integration, run: Run, failed_before: int, notified_before: int
    ) -> EventBody | None:
        """The event for a finished run; None for no event.

        `failed_before` is the number of consecutive runs that failed in this region before this one;
        `notified_before` is how many of them had an event.
        """

    @abstractmethod
    def test_event(self, integration: Integration) -> EventBody:
        """The event that shows people whether the integration works."""
