"""A PagerDuty to develop and test against: a real HTTP server that behaves as the Events API v2 documents.

It needs the Python standard library alone. `with StandIn() as standin: standin.url` runs it in threads of the
calling process; `python manage.py pagerduty_standin` runs it as a process of its own.
"""

from integrations.pagerduty.standin.server import StandIn

__all__ = ["StandIn"]
