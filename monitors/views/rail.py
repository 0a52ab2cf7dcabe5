"""The links of the rail, which refresh themselves on every page."""

from django.views.generic import TemplateView

from workspaces.pages import WorkspaceMixin


class RailView(WorkspaceMixin, TemplateView):
    template_name = "monitors/rail.html"
