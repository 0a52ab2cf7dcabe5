"""What operators do in the Django admin with incidents and their deliveries."""

import pytest
from django.db import models
from django.test import Client

from integrations.models import ClosedBecause, Delivery, DeliveryStatus, Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.conftest import signed_in
from tests.factories import make_user
from tests.integrations.factories import deliver_all, fail, succeed
from tests.test_admin import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db: None) -> Client:
    return signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))


def delete(operator: Client, thing: models.Model) -> None:
    operator.post(url(type(thing), "delete", thing.pk), {"post": "yes"})


class TestWhatAProviderIsOwed:
    """Deleting it would leave an incident open at the provider for ever."""

    @pytest.fixture
    def incident(self, integration: Integration, monitor: Monitor) -> Incident:
        fail(monitor)
        deliver_all()
        return Incident.objects.get()

    def test_an_open_incident_is_not_deleted(self, operator: Client, incident: Incident) -> None:
        delete(operator, incident)
        delete(operator, incident.deliveries.get())
        assert Delivery.objects.get().incident == incident

    def test_nor_is_one_that_is_not_closed_there_yet(
        self, operator: Client, incident: Incident, standin: StandIn
    ) -> None:
        incident.close(ClosedBecause.BY_HAND)
        for status in (DeliveryStatus.PENDING, DeliveryStatus.REJECTED):
            assert incident.deliveries.filter(status=status).exists()
            delete(operator, incident)
            for delivery in incident.deliveries.all():
                delete(operator, delivery)
            assert Delivery.objects.count() == 2
            standin.faults.add([{"status": 400}])
            deliver_all()

    def test_nor_is_what_waits_to_be_sent(self, operator: Client, integration: Integration) -> None:
        integration.send_test()
        delete(operator, Delivery.objects.get())
        assert Delivery.objects.exists()

    def test_several_at_once_are_not_deleted_either(self, operator: Client, incident: Incident) -> None:
        chosen = {"action": "delete_selected", "_selected_action": [incident.pk], "post": "yes"}
        operator.post(url(Incident, "changelist"), chosen)
        assert Incident.objects.exists()

    def test_what_is_over_is(self, operator: Client, incident: Incident) -> None:
        incident.close(ClosedBecause.BY_HAND)
        deliver_all()
        delete(operator, incident)
        assert not Incident.objects.exists()
        assert not Delivery.objects.exists()


def test_only_what_is_sent_again_is_counted(
    operator: Client, integration: Integration, monitor: Monitor
) -> None:
    fail(monitor)
    deliver_all()
    succeed(monitor)
    deliver_all()
    chosen = {"action": "resend", "_selected_action": list(Delivery.objects.values_list("pk", flat=True))}
    page = operator.post(url(Delivery, "changelist"), chosen, follow=True).content.decode()
    assert "1 of 2 deliveries is being resent" in page


def test_a_pause_by_an_operator_is_sent_as_a_change(
    operator: Client, integration: Integration, monitor: Monitor
) -> None:
    Integration.objects.update(send_changes=True)
    chosen = {"action": "pause", "_selected_action": [monitor.pk]}
    operator.post(url(Monitor, "changelist"), chosen)
    change = Delivery.objects.get(action="change")
    assert change.body["payload"]["summary"] == "[Acme] Monitor Checkout was paused by operator@example.com"
