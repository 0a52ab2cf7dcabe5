"""The Django admin, which has no sign-in of its own: one sign-in, with one limit and one set of rules."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


class OperatorSite(AdminSite):
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        page = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(page, allowed_hosts=None):
            page = reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(page)
        if not self.has_permission(request):
            raise PermissionDenied("These pages are for operators. Sign out, and in again as one of them.")
        return redirect(page)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")
