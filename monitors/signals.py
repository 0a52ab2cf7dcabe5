"""What monitors tell the rest of the house.

Both signals carry `run` and are sent in the transaction that stores its result, so that whatever a receiver
writes is stored with it or not at all. A system error sends neither.
"""

from django.dispatch import Signal

run_failed = Signal()
run_passed = Signal()
