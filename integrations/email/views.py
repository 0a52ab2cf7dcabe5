from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic.base import TemplateView

from integrations.email import recipients
from integrations.models import Integration


# Mail programs post to it too, by the headers of RFC 8058; the signed link is what allows it.
@method_decorator(csrf_exempt, name="dispatch")
class EndSummariesView(TemplateView):
    """Where the link of a summary leads. Asks first, since programs that look for viruses open links too."""

    template_name = "email/end_summaries.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            pk, self.address = recipients.read_token(kwargs["token"])
        except signing.BadSignature:
            raise Http404
        self.integration = get_object_or_404(Integration, pk=pk)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "integration": self.integration,
            "address": self.address,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        recipients.end_summaries(self.integration, self.address)
        return self.render_to_response(self.get_context_data(ended=True))
