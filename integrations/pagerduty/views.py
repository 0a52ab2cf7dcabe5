"""PagerDuty's simple install flow: a person chooses services there instead of pasting a key here.

PagerDuty sends the keys back in the address, without a signature. So the way there carries a random state,
bound to the session and used once, and everything but the keys is taken from the session.
"""

import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.generic import View

from integrations.forms import IntegrationForm
from integrations.models import Integration
from integrations.pagerduty.forms import KEY
from integrations.registry import get_provider
from integrations.views.setup import AddView

SESSION_KEY = "pagerduty_connect"
STATE_LASTS_SECONDS = 3600
LOGIN_HOSTS = {"us": "https://app.pagerduty.com", "eu": "https://app.eu.pagerduty.com"}


class ConnectView(AddView):
    """Keeps what the form says and leads to PagerDuty."""

    http_method_names = ("post",)

    def dispatch(self, request: Any, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.PAGERDUTY_APP_ID:
            raise Http404
        return super().dispatch(request, *args, provider="pagerduty", **kwargs)

    @transaction.atomic
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        form = self.form(request.POST)
        form.config.fields["integration_key"].required = False
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        state = secrets.token_urlsafe(32)
        left_out = ("csrfmiddlewaretoken", "integration_key")
        values = {name: chosen for name, chosen in request.POST.lists() if name not in left_out}
        request.session[SESSION_KEY] = {"state": state, "values": values, "at": time.time()}
        region = form.config.cleaned_data["region"]
        return redirect(f"{LOGIN_HOSTS[region]}/install/integration?{urlencode(install_query(state))}")


def install_query(state: str) -> dict[str, str]:
    back = f"{settings.SITE_URL}{reverse('integrations:pagerduty-connected')}?{urlencode({'state': state})}"
    return {"app_id": settings.PAGERDUTY_APP_ID, "redirect_url": back, "version": "2"}


class ConnectedView(LoginRequiredMixin, View):
    """Back from PagerDuty: an integration for each key. It redirects at once: no key stays in sight."""

    def handle_no_permission(self) -> HttpResponseRedirect:
        """Not with the address of this page, which holds the keys."""
        return redirect_to_login(reverse("integrations:add", args=["pagerduty"]))

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        kept = request.session.pop(SESSION_KEY, None)
        if not is_ours(kept, request.GET.get("state", "")):
            messages.error(request, "This way back from PagerDuty is too old or was used before. Start anew.")
            return redirect("integrations:add", "pagerduty")
        keys = keys_in(request.GET.get("config", ""))
        if not keys:
            messages.error(request, "PagerDuty sent no integration key. Start again, or paste the key here.")
        made = [self.add(kept["values"], key, name, alone=len(keys) == 1) for key, name in keys]
        integrations = [integration for integration in made if integration]
        if not integrations:
            return redirect("integrations:add", "pagerduty")
        names = ", ".join(str(integration) for integration in integrations)
        messages.success(request, f"{names}: set up. Send a test event to see that it works.")
        if len(integrations) > 1:
            return redirect("integrations:configured")
        return redirect(integrations[0])

    request: Any

    @transaction.atomic
    def add(self, values: dict[str, list[str]], key: str, name: str, *, alone: bool) -> Integration | None:
        """Goes through the form again, since the person's rights may have changed on the way."""
        data = QueryDict(mutable=True)
        for field, chosen in values.items():
            data.setlist(field, chosen)
        data["integration_key"] = key
        if not alone and name:
            data["name"] = f"{data.get('name', '')}: {name}"[:255]
        form = IntegrationForm(data, user=self.request.user, provider=get_provider("pagerduty"))
        if form.is_valid():
            return form.save()
        problems = " ".join(str(error) for errors in form.all_errors.values() for error in errors)
        messages.error(self.request, f"{data.get('name')} was not set up: {problems}")
        return None


def is_ours(kept: Any, state: str) -> bool:
    if not kept or time.time() - kept["at"] > STATE_LASTS_SECONDS:
        return False
    return constant_time_compare(kept["state"], state)


def keys_in(config: str) -> list[tuple[str, str]]:
    """The keys that PagerDuty sent, each with the name of its service; junk is passed over."""
    try:
        found = json.loads(config)["integration_keys"]
    except (ValueError, KeyError, TypeError):
        return []
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    pairs = [(str(entry.get("integration_key", "")), str(entry.get("name") or "")) for entry in entries]
    return list({key: (key, name) for key, name in pairs if KEY.fullmatch(key)}.values())
