"""A PagerDuty for development and tests: an HTTP server that behaves as the Events API v2 is documented.

It only needs the Python standard library. `with StandIn() as standin: standin.url` runs it in threads of the
calling process; `python manage.py pagerduty_standin` runs it as a separate process.
"""

from integrations.pagerduty.standin.server import StandIn

__all__ = ["StandIn"]
