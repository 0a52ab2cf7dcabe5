"""The Django admin. It uses the sign-in page of Postwatch, with its limits and rules."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


class OperatorSite(AdminSite):
    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        page = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(page, allowed_hosts=None):
            page = reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(page)
        if not self.has_permission(request):
            raise PermissionDenied("These pages are for operators. Sign out, and in again as one of them.")
        return HttpResponseRedirect(page)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(without_impossible_keys(view), cacheable)

    def password_change(self, request: HttpRequest, extra_context: object = None) -> Any:
        return redirect("account_change_password")


def without_impossible_keys(view: Any) -> Any:
    """Responds with 404 when a key in the URL cannot be a primary key of its table."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> Any:
        try:
            response = view(request, *args, **kwargs)
            # Its form asks for the rows that the query names only when it is rendered.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response
        except (ValidationError, OverflowError) as problem:
            if request.method != "GET":
                raise
            raise Http404(str(problem)) from problem

    return checked
