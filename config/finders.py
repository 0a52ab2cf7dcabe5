from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder

SERVED = {
    "tabler.min.css",
    "tabler.min.css.map",
    "htmx.min.js",
    "uPlot.iife.min.js",
    "uPlot.min.css",
}


class NodeModulesFinder(FileSystemFinder):
    """Of the packages in STATICFILES_DIRS, the files that pages use."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        for path, storage in super().list(ignore_patterns):
            if PurePath(path).name in SERVED:
                yield path, storage
