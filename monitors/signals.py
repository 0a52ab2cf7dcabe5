"""The signals of monitors, for apps that build on them.

Each is sent in the transaction that stores the change, so what a receiver writes is stored with it or not at
all. `run_failed` and `run_passed` have the argument `run` and are sent while its monitor's row is locked. A
system error sends neither.
"""

from django.dispatch import Signal

run_failed = Signal()
run_passed = Signal()

monitor_paused = Signal()
"""Has the arguments `monitor` and `outage_is_over`: whether open incidents are closed."""

outage_resolved = Signal()
"""Has the argument `outage`, which somebody has ended by hand. Sent while its monitor's row is locked."""

changed = Signal()
"""Has the arguments `subject` (a Monitor, Collection or Environment), `what` was done to it ("paused",
"resumed", "edited", "imported") and `by`, the name of whoever did it."""
