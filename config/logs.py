"""What the log keeps of a record."""

import logging


class NoTracebackOfProbes(logging.Filter):
    """A request that Django refuses, such as one with a strange Host header, is one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = None
        return True
