from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request

from workspaces.numbers import number_in

MAX_PAGE_SIZE = 500


class PageSizeMixin:
    """`page_size` may be a number up to 500. Anything else is an error instead of being replaced."""

    page_size: int | None = 50
    page_size_query_param: str | None = "page_size"
    max_page_size: int | None = MAX_PAGE_SIZE

    def get_page_size(self, request: Request) -> int | None:
        name = str(self.page_size_query_param)
        given = request.query_params.get(name, "")
        if not given:
            return self.page_size
        if not (
            given.isascii() and given.isdecimal() and len(given) < 10 and 1 <= int(given) <= MAX_PAGE_SIZE
        ):
            raise ValidationError({name: [f"Give a whole number from 1 to {MAX_PAGE_SIZE}."]})
        return int(given)


class Pagination(PageSizeMixin, PageNumberPagination):
    """Numbered pages. The rows are under `results`."""


class NewestFirst(PageSizeMixin, CursorPagination):
    """Pages by cursor, for lists that keep growing: nothing counts all rows, and new rows shift no page."""

    ordering = "-id"

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        if cursor and cursor.position and number_in(str(cursor.position)) is None:
            raise NotFound(self.invalid_cursor_message)
        return cursor
