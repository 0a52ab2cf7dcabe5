"""Search or jump: the page, and the same answers for the palette that opens over every page."""

from django.views.generic import TemplateView

from monitors.search import MAX_LENGTH, search
from workspaces.models import Role
from workspaces.pages import WorkspaceMixin


class SearchView(WorkspaceMixin, TemplateView):
    template_name = "monitors/search.html"

    def get_template_names(self) -> list[str]:
        return ["monitors/_found.html"] if self.request.htmx else [self.template_name]

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        query = self.request.GET.get("q", "")[:MAX_LENGTH]
        can_edit = self.request.membership.allows(Role.EDITOR)
        groups = search(self.request.workspace, query, can_edit=can_edit)
        return super().get_context_data(**kwargs) | {"query": query, "groups": groups}
