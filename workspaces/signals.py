"""Signals about deletion."""

from django.dispatch import Signal

deleting = Signal()
"""Sent in the transaction that marks a row as deleted (`workspaces.deletion`), with `instance`, the row."""
