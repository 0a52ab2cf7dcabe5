"""The filters of lists: pages and API read them from the query of the URL.

Pages ignore a value that a filter does not know; the API responds with an error.
"""

from typing import ClassVar

import django_filters as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from integrations.models import Delivery, DeliveryStatus, Incident, Integration
from integrations.registry import PROVIDERS


@extend_schema_field(OpenApiTypes.BOOL)
class StrictBooleanFilter(filters.TypedChoiceFilter):
    """True or false. Django's BooleanFilter would ignore any other value."""

    values: ClassVar = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}

    def __init__(self, *, field_name: str, lookup_expr: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            field_name=field_name,
            lookup_expr=lookup_expr,
            choices=[(text, text) for text in self.values],
            coerce=self.values.get,
            error_messages={"invalid_choice": "Enter true or false."},
        )


class IntegrationFilter(filters.FilterSet):
    monitor = filters.UUIDFilter(field_name="monitor_id")
    provider = filters.ChoiceFilter(choices=[(slug, slug) for slug in PROVIDERS])

    class Meta:
        model = Integration
        fields = ["monitor", "provider"]


class IncidentFilter(filters.FilterSet):
    monitor = filters.UUIDFilter(field_name="monitor_id")
    integration = filters.UUIDFilter(field_name="integration_id")
    outage = filters.UUIDFilter(field_name="outage_id")
    open = StrictBooleanFilter(field_name="closed_at", lookup_expr="isnull")

    class Meta:
        model = Incident
        fields = ["monitor", "integration", "outage", "open"]


class DeliveryFilter(filters.FilterSet):
    status = filters.ChoiceFilter(
        choices=DeliveryStatus.choices,
        error_messages={"invalid_choice": f"Choose one of: {', '.join(DeliveryStatus.values)}."},
    )

    class Meta:
        model = Delivery
        fields = ["status"]
