"""How monitors are found: by words, tags and regions."""

import json
from collections import Counter
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Cast

from workspaces.tenancy import M, WorkspaceOwnedQuerySet

if TYPE_CHECKING:
    from monitors.models.collections import Collection


class MonitorSearch(WorkspaceOwnedQuerySet[M]):
    """Queries over the texts of monitors.

    SQLite searches JSON only as text, in which characters outside of ASCII may be escaped. So each text is
    looked for in both ways.
    """

    def tagged(self, tag: str) -> Self:
        """The monitors with a tag, which is given in lower case."""
        return self._with_in_list("tags", tag)

    def in_region(self, region: str) -> Self:
        """The monitors that run in a region."""
        return self._with_in_list("regions", region)

    def containing(self, word: str, collections: "QuerySet[Collection]") -> Self:
        """The monitors with the word in their name or in a tag, and those that run one of the collections."""
        in_tags = Q(tags_text__icontains=_quoted(word)) | Q(tags_text__icontains=_quoted(word, ascii=True))
        found = in_tags | Q(name__icontains=word) | Q(collection__in=collections.values("pk"))
        return self.alias(tags_text=Cast("tags", models.TextField())).filter(found)

    def tags(self) -> dict[str, int]:
        """All tags in use, sorted, each with the number of monitors that have it."""
        lists = self.exclude(tags=[]).order_by().values_list("tags", flat=True)
        return dict(sorted(Counter(tag for tags in lists for tag in tags).items()))

    def _with_in_list(self, field: str, text: str) -> Self:
        name = f"{field}_text"
        found = Q(**{f"{name}__contains": f'"{_quoted(text)}"'})
        found |= Q(**{f"{name}__contains": f'"{_quoted(text, ascii=True)}"'})
        return self.alias(**{name: Cast(field, models.TextField())}).filter(found)


def _quoted(text: str, ascii: bool = False) -> str:
    """As it stands between the quotes of JSON."""
    return json.dumps(text, ensure_ascii=ascii)[1:-1]
