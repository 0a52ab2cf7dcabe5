"""PagerDuty's simple install flow: a person chooses services at PagerDuty instead of pasting a key here.

PagerDuty sends the keys back in the URL, unsigned. So the link to PagerDuty contains a random state that is
bound to the session and valid once, and everything but the keys is taken from the session.
"""

import json
import secrets
import time
from typing import TypedDict
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
from integrations.views.integration_form import AddIntegrationView
from workspaces.pages import UserRequest

SESSION_KEY = "pagerduty_connect"
MAX_STATE_AGE_SECONDS = 3600
LOGIN_HOSTS = {"us": "https://app.pagerduty.com", "eu": "https://app.eu.pagerduty.com"}


class Connection(TypedDict):
    """What the session keeps while the person is at PagerDuty."""

    state: str
    at: float
    """A Unix time."""
    values: dict[str, list[str]]
    """The values of the form by field."""


class ConnectView(AddIntegrationView):
    """Checks the form without a key, keeps it in the session, and redirects to PagerDuty."""

    http_method_names = ("post",)

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: str) -> HttpResponseBase:
        if not settings.PAGERDUTY_APP_ID:
            raise Http404
        return super().dispatch(request, *args, **kwargs | {"provider": "pagerduty"})

    @transaction.atomic
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        form = self.sent_form()
        form.config.fields["integration_key"].required = False
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        state = secrets.token_urlsafe(32)
        left_out = ("csrfmiddlewaretoken", "integration_key")
        values = {name: chosen for name, chosen in request.POST.lists() if name not in left_out}
        request.session[SESSION_KEY] = Connection(state=state, at=time.time(), values=values)
        region = form.config.cleaned_data["region"]
        return redirect(f"{LOGIN_HOSTS[region]}/install/integration?{urlencode(install_query(state))}")


def install_query(state: str) -> dict[str, str]:
    """The parameters of PagerDuty's page, among them the URL of ConnectedView."""
    url = f"{settings.SITE_URL}{reverse('integrations:pagerduty-connected')}?{urlencode({'state': state})}"
    return {"app_id": settings.PAGERDUTY_APP_ID, "redirect_url": url, "version": "2"}


class ConnectedView(LoginRequiredMixin, View):
    """Where PagerDuty redirects to: adds an integration for each key.

    It redirects at once, so that no key stays visible in the URL.
    """

    request: UserRequest

    def handle_no_permission(self) -> HttpResponseRedirect:
        """Redirects without the URL of this page, because that contains the keys."""
        return redirect_to_login(reverse("integrations:add", args=["pagerduty"]))

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        connection: Connection | None = request.session.pop(SESSION_KEY, None)
        if connection is None or not is_valid(connection, request.GET.get("state", "")):
            messages.error(request, "This PagerDuty link has expired or was already used. Start again.")
            return redirect("integrations:add", "pagerduty")
        keys = keys_in(request.GET.get("config", ""))
        if not keys:
            messages.error(request, "PagerDuty sent no integration key. Start again, or paste the key here.")
        added = [self.add(connection["values"], key, name, alone=len(keys) == 1) for key, name in keys]
        integrations = [integration for integration in added if integration]
        if not integrations:
            return redirect("integrations:add", "pagerduty")
        names = ", ".join(str(integration) for integration in integrations)
        messages.success(request, f"Set up: {names}. Send a test event to see whether it works.")
        if len(integrations) > 1:
            return redirect("integrations:configured")
        return redirect(integrations[0])

    @transaction.atomic
    def add(self, values: dict[str, list[str]], key: str, name: str, *, alone: bool) -> Integration | None:
        """Checks the form again, since the person's role may have changed meanwhile."""
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


def is_valid(connection: Connection, state: str) -> bool:
    """Whether the state is the one of this connection, and not too old."""
    is_recent = time.time() - connection["at"] <= MAX_STATE_AGE_SECONDS
    return is_recent and constant_time_compare(connection["state"], state)


def keys_in(config: str) -> list[tuple[str, str]]:
    """The integration keys that PagerDuty sent as JSON, each with the name of its service."""
    try:
        found = json.loads(config)["integration_keys"]
    except (ValueError, KeyError, TypeError):
        return []
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    pairs = [(str(entry.get("integration_key", "")), str(entry.get("name") or "")) for entry in entries]
    return list({key: (key, name) for key, name in pairs if KEY.fullmatch(key)}.values())
