"""What monitors tell the rest of the house. Sent in the transaction that stores the result, so that whatever a
receiver writes is stored with it or not at all. Both carry `run`; neither is sent for a system error."""

from django.dispatch import Signal

run_failed = Signal()
run_passed = Signal()
