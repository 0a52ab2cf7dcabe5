"""What a provider is: a place to tell of failing monitors, in a folder of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.html import format_html

if TYPE_CHECKING:
    from integrations.models import Delivery, Incident, Integration
    from monitors.models import Run

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the provider said to an event that it took."""

    status: int
    text: str


@dataclass(frozen=True)
class Change:
    """What a person or an API key changed, for providers that take it."""

    summary: str
    by: str
    at: datetime
    workspace: str
    path: str
    """The page of what was changed."""


class DeliveryError(Exception):
    """The provider did not take an event; the message is for the person who set the integration up.

    `permanent`: the same event will never be taken. `in_doubt`: the provider may have taken it all the same.
    `retry_after`: seconds that the provider asked to wait.
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
    """The fields of a provider's configuration, for pages and API alike.

    A field named in `secret_fields` is never shown again: left empty while editing, the stored value stays.
    """

    secret_fields: ClassVar[tuple[str, ...]] = ()
    advanced_fields: ClassVar[tuple[str, ...]] = ()
    """Folded away under "When to page". Changing one leaves open incidents as they are."""

    def __init__(self, *args: Any, current: Json | None = None, **kwargs: Any) -> None:
        self.current = current or {}
        kwargs.setdefault("initial", self._shown())
        super().__init__(*args, **kwargs)
        for name in self.secret_fields:
            if self.current.get(name):
                self.fields[name].required = False
                self.fields[name].help_text = format_html(
                    "Ends in {}. Leave empty to keep it.", self.current[name][-4:]
                )

    def _shown(self) -> Json:
        return {name: value for name, value in self.current.items() if name not in self.secret_fields}

    def clean(self) -> Json:
        cleaned = super().clean() or {}
        for name in self.secret_fields:
            if name in cleaned and not cleaned[name]:
                cleaned[name] = self.current.get(name, "")
        return cleaned


class Provider(ABC):
    """One kind of integration.

    Its parts of pages are the templates `<slug>/about.html` and `<slug>/steps.html`, its logo is
    `<slug>/logo.svg`.
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    tagline: ClassVar[str]
    works: ClassVar[str]
    """What a working integration does, in a word for its state: "Paging"."""
    credential: ClassVar[str]
    """What to correct when the provider refuses everything: "key"."""
    config_form: ClassVar[type[ConfigForm]]
    calls_per_minute: ClassVar[int | None] = None
    """How many events may be sent a minute on one channel; None is no limit."""
    urls: ClassVar[str] = ""
    """The module with further pages, under /integrations/<slug>/."""
    takes_changes: ClassVar[bool] = False
    """Whether it can be told what people changed."""

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
        """The page that gets the configuration from the provider, so that nobody pastes it; empty: none."""
        return ""

    @property
    def opens_incidents(self) -> bool:
        return isinstance(self, IncidentProvider)

    @abstractmethod
    def summary(self, config: Json) -> dict[str, str]:
        """The configuration in words, secrets masked."""

    def channel(self, config: Json) -> str:
        """What the provider counts its limit by. It is stored, so it must not reveal a secret."""
        return ""

    @abstractmethod
    def destinations(self, config: Json) -> dict[str, str]:
        """Whom or what the configuration reaches, each in a form to compare by, with words for people.

        Two integrations of one monitor may not share one: it would be notified twice.
        """

    @abstractmethod
    def send(self, config: Json, delivery: Delivery) -> Answer:
        """Sends one event. Raises DeliveryError when it was not taken."""

    # Events are stored and shown: none of them may hold a secret.

    def next_summary(self, config: Json, after: datetime) -> datetime | None:
        """When a summary is due next; None where there is none."""
        return None

    def summary_events(self, integration: Integration, due_at: datetime) -> list[Json]:
        """What happened until that time. Called only at the times that `next_summary` gave."""
        raise NotImplementedError

    def changes_problem(self, config: Json) -> str:
        """Why this configuration cannot tell of changes, in a sentence for the person; empty when it can."""
        return ""

    def change_event(self, change: Change) -> Json:
        """What people changed. Called only where `takes_changes`."""
        raise NotImplementedError


class IncidentProvider(Provider):
    """Opens incidents, and closes them when the monitor recovers."""

    @abstractmethod
    def trigger(self, incident: Incident, run: Run) -> Json:
        """The event that opens the incident, or adds to it."""

    @abstractmethod
    def resolve(self, incident: Incident) -> Json:
        """The event that closes the incident."""

    @abstractmethod
    def test_trigger(self, incident: Incident) -> Json:
        """The event that a person sends to see whether the integration works."""


class RunProvider(Provider):
    """Is told of single runs; what it makes of them is its own."""

    notifies_people: ClassVar[bool] = False
    """Whether its events are for people to read at once, who need none about an outage that is over."""

    @abstractmethod
    def run_event(
        self, integration: Integration, run: Run, failed_before: int, notified_before: int
    ) -> Json | None:
        """The event for a finished run, None for no event.

        `failed_before` is the number of runs that failed in a row before this one, in its region;
        `notified_before` is how many of them made an event.
        """

    @abstractmethod
    def test_event(self, integration: Integration) -> Json:
        """The event that a person sends to see whether the integration works."""
