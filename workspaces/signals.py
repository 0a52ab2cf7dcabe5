"""What the parts of the house tell each other about deletion."""

from django.dispatch import Signal

deleting = Signal()
"""Carries `instance`, a row that is deleted in the background (`workspaces.deletion`). Sent in the
transaction that marks it: from then on nobody finds it."""
