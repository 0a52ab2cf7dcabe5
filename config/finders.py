"""Which static files are served: of what the packages bring along, the few that pages use."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder

FROM_NODE_MODULES = [
    "vendor/htmx/htmx.min.js",
    "vendor/inter/opsz.css",
    "vendor/inter/files/inter-*-opsz-normal.woff2",
    "vendor/jetbrains-mono/index.css",
    "vendor/jetbrains-mono/files/jetbrains-mono-*-wght-normal.woff2",
]
UNUSED_FOLDERS = ["django_htmx", "redoc", "rest_framework"]


class NodeModulesFinder(FileSystemFinder):
    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        for path, storage in super().list(ignore_patterns):
            if any(fnmatch(f"{storage.prefix}/{path}", pattern) for pattern in FROM_NODE_MODULES):
                yield path, storage


class AppsFinder(AppDirectoriesFinder):
    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        yield from super().list([*(ignore_patterns or []), *UNUSED_FOLDERS])
