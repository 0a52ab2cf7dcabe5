"""Rejects query parameters that an endpoint does not know.

If a mistyped filter were ignored, a script would act on all rows.
"""

from typing import Any, ClassVar

from django_filters import MultipleChoiceFilter
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class KnownParametersMixin(APIView):
    """A list knows its filters and the parameters of its pages; other actions know only `parameters`."""

    parameters: ClassVar[tuple[str, ...]] = ()
    """Actions that know some pass them to @action."""
    action: str

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        repeatable = self.repeatable_parameters()
        known = self.known_parameters()
        problems = {}
        for name, values in request.query_params.lists():
            if name not in known:
                problems[name] = [f"There is no such parameter here. {known_sentence(known)}"]
            elif len(values) > 1 and name not in repeatable:
                problems[name] = ["Give this parameter once."]
        if problems:
            raise ValidationError(problems)

    def known_parameters(self) -> list[str]:
        if self.action != "list":
            return sorted(self.parameters)
        return sorted([*self._filters(), *page_parameters(self)])

    def repeatable_parameters(self) -> set[str]:
        return {name for name, one in self._filters().items() if isinstance(one, MultipleChoiceFilter)}

    def _filters(self) -> dict[str, Any]:
        filterset = getattr(self, "filterset_class", None)
        return filterset.base_filters if filterset else {}


def page_parameters(view: Any) -> list[str]:
    paginator = view.paginator
    place = "cursor_query_param" if isinstance(paginator, CursorPagination) else "page_query_param"
    return [getattr(paginator, place), paginator.page_size_query_param]


def known_sentence(known: list[str]) -> str:
    return f"Known: {', '.join(known)}." if known else "This URL takes none."
