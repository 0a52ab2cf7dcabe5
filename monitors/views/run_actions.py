"""What can be done with a run."""

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic.detail import SingleObjectMixin

from monitors.api.runs import RunDetailSerializer
from monitors.manual_runs import RegionNotInUse, TooManyRuns, run_again
from monitors.models import Run
from monitors.run_exports import junit_xml, newman_json
from workspaces.pages import WorkspaceMixin


class RunActionView(WorkspaceMixin, SingleObjectMixin[Run]):
    """A button on a run's page."""

    http_method_names = ("post",)
    queryset = Run.objects.select_related("workspace", "monitor__workspace")


class RunAgainView(RunActionView):
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        run = self.get_object()
        try:
            return redirect(run_again(run))
        except (RegionNotInUse, TooManyRuns) as problem:
            messages.error(request, str(problem))
            return redirect(run)


class CancelRunView(RunActionView):
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        run = self.get_object()
        if run.cancel(by=request.user):
            messages.success(request, "The run is canceled. It tells nobody anything.")
        else:
            messages.info(request, "The run was over already.")
        return redirect(run)


class DownloadRunView(WorkspaceMixin, SingleObjectMixin[Run]):
    """A run as a file: `json` as the API has it, `junit.xml`, or `newman.json`."""

    queryset = Run.objects.select_related(
        "workspace", "monitor__workspace", "monitor__collection", "collection_version", "stored_detail"
    )

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if kwargs["form"] not in ("json", "junit.xml", "newman.json"):
            raise Http404
        run = self.get_object()
        if kwargs["form"] == "junit.xml":
            content, content_type = junit_xml(run), "application/xml"
        else:
            data = newman_json(run) if kwargs["form"] == "newman.json" else RunDetailSerializer(run).data
            content, content_type = json.dumps(data, indent=2).encode(), "application/json"
        response = HttpResponse(content, content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="run-{run.number}.{kwargs["form"]}"'
        return response
