"""What monitors tell the rest of the house.

Each is sent in the transaction that stores its news, so that whatever a receiver writes is stored with it or
not at all. The first two carry `run` and come with its monitor's row locked; a system error sends neither.
"""

from django.dispatch import Signal

run_failed = Signal()
run_passed = Signal()

monitor_paused = Signal()
"""Carries `monitor`, and `outage_is_over`: whether an outage that lasted is to be taken as ended."""

changed = Signal()
"""Carries `subject` (a Monitor, Collection or Environment), `what` became of it ("paused", "resumed",
"edited", "imported") and `by` whom, a name."""
