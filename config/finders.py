"""Which static files are served: of what the packages bring along, the few that pages use."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder

FROM_NODE_MODULES = {
    "tabler.min.css",
    "tabler.min.css.map",
    "htmx.min.js",
    "uPlot.iife.min.js",
    "uPlot.min.css",
}
UNUSED_FOLDERS = ["django_htmx", "redoc", "rest_framework"]


class NodeModulesFinder(FileSystemFinder):
    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        for path, storage in super().list(ignore_patterns):
            if PurePath(path).name in FROM_NODE_MODULES:
                yield path, storage


class AppsFinder(AppDirectoriesFinder):
    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        yield from super().list([*(ignore_patterns or []), *UNUSED_FOLDERS])
