"""The page where a recipient unsubscribes from an integration's summaries."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic.base import TemplateView

from integrations.email import recipients
from integrations.models import Integration


# Mail programs also post to it, as RFC 8058 says. The signed link is what authorizes it.
@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribeView(TemplateView):
    """Asks for confirmation, since virus scanners open the links in mails, too."""

    template_name = "email/unsubscribe.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: str) -> HttpResponseBase:
        try:
            pk, self.address = recipients.read_token(kwargs["token"])
        except signing.BadSignature:
            raise Http404
        self.integration = get_object_or_404(Integration, pk=pk)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "integration": self.integration,
            "address": self.address,
        }

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        recipients.unsubscribe(self.integration, self.address)
        return self.render_to_response(self.get_context_data(is_unsubscribed=True))
