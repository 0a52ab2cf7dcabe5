from typing import Any

from monitors.models import Collection, Environment, Monitor
from monitors.signals import changed


def announce_change(serializer: Any, subject: Monitor | Collection | Environment, what: str) -> None:
    """Sends the signal, with the API key as the one who did it."""
    changed.send(sender=type(subject), subject=subject, what=what, by=str(serializer.context["request"].auth))
