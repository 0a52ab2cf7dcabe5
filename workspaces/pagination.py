"""The pages of lists: numbered ones, and those by cursor for lists that keep growing."""

from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request

from workspaces.numbers import number_in

M = TypeVar("M", bound=Model)

MAX_PAGE_SIZE = 500

MAX_COUNTED = 10_000
"""Rows that the numbered pages of a long list reach."""


class CappedPaginator(Paginator[M]):
    """Counts up to MAX_COUNTED rows: to count millions takes seconds."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by()[:MAX_COUNTED].count()

    @property
    def is_capped(self) -> bool:
        """Whether there may be more rows than the pages reach."""
        return self.count == MAX_COUNTED


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
        if cursor and cursor.position and not self.is_position(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def is_position(self, text: str) -> bool:
        """Whether a cursor may hold this. Anybody can write one."""
        return number_in(text) is not None


class LatestFirst(NewestFirst):
    """Those that began last come first. Their ids do not grow with time."""

    ordering = "-started_at"

    def is_position(self, text: str) -> bool:
        try:
            return parse_datetime(text) is not None
        except ValueError:
            return False
