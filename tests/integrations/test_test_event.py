"""The test event that a person sends from an integration's page, step by step."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import Delivery, Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.integrations.factories import deliver_all, fail
from tests.integrations.test_pages import text_of

pytestmark = pytest.mark.django_db


def test_it_goes_the_way_of_every_event_and_resolves_itself(
    as_editor: Client, integration: Integration, standin: StandIn
) -> None:
    as_editor.post(reverse("integrations:test", args=[integration.pk]))
    deliver_all()
    Delivery.objects.waiting().update(next_attempt_at=Incident.objects.get().opened_at)
    deliver_all()
    assert [event["body"]["event_action"] for event in standin.events] == ["trigger", "resolve"]
    assert standin.events[0]["body"]["payload"]["summary"].startswith("[TEST]")
    assert standin.open_incidents == []


def test_each_step_is_shown(as_editor: Client, integration: Integration, standin: StandIn) -> None:
    url = reverse("integrations:test", args=[integration.pk])
    response = as_editor.post(url, headers={"HX-Request": "true"}, follow=True)
    assert "Queued" in response.content.decode()
    deliver_all()
    progress = text_of(as_editor, response.redirect_chain[-1][0])
    for words in ("Sent to PagerDuty", "Accepted by PagerDuty", "Resolves itself"):
        assert words in progress


def test_a_resolve_that_is_due_is_not_said_to_have_happened(
    as_editor: Client, integration: Integration, standin: StandIn
) -> None:
    test = integration.send_test()
    deliver_all()
    url = reverse("integrations:test-progress", args=[test.pk])
    assert "Resolves itself" in text_of(as_editor, url)
    Delivery.objects.waiting().update(next_attempt_at=timezone.now() - timedelta(seconds=5))
    progress = text_of(as_editor, url)
    assert "Resolving" in progress
    assert "Resolves itself" not in progress


def test_a_message_of_before_does_not_stay_above_what_came_of_it(
    as_editor: Client, integration: Integration
) -> None:
    cleared = 'id="messages" role="status" hx-swap-oob="true"></div>'
    live = reverse("integrations:live", args=[integration.pk])
    assert cleared not in text_of(as_editor, integration.get_absolute_url())
    assert cleared not in as_editor.get(live, headers={"HX-Request": "true"}).content.decode()
    Integration.objects.update(problem="Invalid routing key")
    assert cleared in as_editor.get(live, headers={"HX-Request": "true"}).content.decode()
    url = reverse("integrations:test", args=[integration.pk])
    answer = as_editor.post(url, headers={"HX-Request": "true"}, follow=True)
    # Django's client does not repeat the header on the way, as browsers do.
    progress = as_editor.get(answer.redirect_chain[-1][0], headers={"HX-Request": "true"})
    assert cleared in progress.content.decode()


def test_a_rejection_is_shown_in_pagerdutys_words(
    as_editor: Client, integration: Integration, standin: StandIn
) -> None:
    standin.faults.add([{"status": 400, "errors": ["Invalid routing key"]}])
    url = reverse("integrations:test", args=[integration.pk])
    response = as_editor.post(url, headers={"HX-Request": "true"}, follow=True)
    deliver_all()
    assert "Invalid routing key" in text_of(as_editor, response.redirect_chain[-1][0])


def test_it_works_while_an_outage_is_open(
    as_editor: Client, integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    as_editor.post(reverse("integrations:test", args=[integration.pk]))
    deliver_all()
    assert len(standin.open_incidents) == 2
