"""What an integration did last, for its page, the list and Home."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from integrations.models import Delivery, DeliveryStatus, Integration


def with_last_event(integrations: QuerySet[Integration]) -> QuerySet[Integration]:
    """Annotates `last_accepted_at`, `retry_reason` (empty if no event is being retried) and `open_count`."""
    deliveries = Delivery.objects.filter(integration=OuterRef("pk"))
    accepted = deliveries.filter(status=DeliveryStatus.ACCEPTED).order_by("-id")
    retried = deliveries.filter(status=DeliveryStatus.PENDING, attempts__gt=0).order_by("-last_attempt_at")
    is_open = Q(incidents__closed_at=None, incidents__is_test=False)
    return integrations.annotate(
        last_accepted_at=Subquery(accepted.values("finished_at")[:1]),
        retry_reason=Subquery(retried.values("response_text")[:1]),
        open_count=Count("incidents", filter=is_open),
    ).select_related("workspace", "monitor")
