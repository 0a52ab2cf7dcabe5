"""Parameters of the query on each route, and what stands in an address in place of a key."""

import inspect
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from tests.addresses import Route, routes
from tests.bad_input.values import CURSORS, TEXTS
from tests.bad_input.visitors import Visitor

READ = re.compile(r"""(?:GET|query_params|query)(?:\.get|\.getlist)?[(\[]\s*["'](\w+)["']""")
OF_LIBRARIES = ["page", "cursor", "page_size", "format", "version", "lang", "next", "o", "q", "e", "p", "all"]
"""Of the admin, REST framework, allauth and drf-spectacular, whose sources are not searched."""

FOLDERS = ("config", "workspaces", "monitors", "integrations")
ALL = routes()
MOST_REVEALING = ["NUL", "6,000 digits", "digits of another script", "a surrogate"]
BROKEN_KEYS = ["9" * 30, "9" * 6000, "%00", "%FF", "٣", "_5F"]


def names_in(source: str) -> set[str]:
    return set(READ.findall(source))


def all_names() -> list[str]:
    """Of every parameter that a view of ours reads."""
    sources = [path for folder in FOLDERS for path in (Path(settings.BASE_DIR) / folder).rglob("*.py")]
    return sorted(set().union(*(names_in(path.read_text()) for path in sources)) | {*OF_LIBRARIES})


def names_of(view: Any) -> set[str]:
    """Of the parameters that the modules of a view read."""
    view_class = getattr(view, "cls", None) or getattr(view, "view_class", None)
    modules = {base.__module__ for base in view_class.__mro__} if view_class else {view.__module__}
    ours = [sys.modules[name] for name in modules if name.split(".")[0] in FOLDERS]
    return set().union(*(names_in(inspect.getsource(module)) for module in ours), filters_of(view_class))


def filters_of(view_class: Any) -> set[str]:
    filterset = getattr(view_class, "filterset_class", None)
    return {*filterset.base_filters, "cursor", "page", "page_size"} if filterset else set()


def query_of(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(list(pairs), errors="surrogateescape")


def test_the_names_are_found() -> None:
    assert {"q", "state", "before", "cursor", "tag", "monitor", "workspace", "sort"} <= set(all_names())


def test_every_parameter_of_a_view_may_be_anything(visitor: Visitor) -> None:
    for route in ALL:
        for name in sorted(names_of(route.view)):
            for what, text in (TEXTS | CURSORS if name == "cursor" else TEXTS).items():
                path = f"{visitor.address(route)}?{query_of([(name, text)])}"
                visitor.send("get", path, f"{what} as {name}", route)
    visitor.check()


def test_so_may_all_that_any_view_knows(visitor: Visitor) -> None:
    names = all_names()
    for route in ALL:
        for what in MOST_REVEALING:
            text = TEXTS[what]
            path = f"{visitor.address(route)}?{query_of((name, text) for name in names)}"
            visitor.send("get", path, what, route)
    visitor.check()


def test_so_may_what_stands_in_place_of_a_key(visitor: Visitor) -> None:
    for route in ALL:
        for path, what in broken(route):
            visitor.send(route.methods[-1], path, what, route)
    visitor.check()


def broken(route: Route) -> Iterable[tuple[str, str]]:
    """The address with each of its placeholders replaced."""
    for placeholder in re.findall(r"<[^>]+>", route.text):
        for key in BROKEN_KEYS:
            text = re.sub(r"<[^>]+>", "0", route.text.replace(placeholder, "\0")).replace("\0", key)
            yield f"/{text}", f"{key[:20]} as {placeholder}"
    yield f"/{quote(route.text)}", "its own pattern"
