"""Filters of the log."""

import logging


class NoTracebackOfProbes(logging.Filter):
    """Keeps it to one line when Django rejects a request, such as one with an unknown Host header."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = None
        return True
