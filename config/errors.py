"""Responses to errors: JSON for API clients, pages for people."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import csrf, defaults

API = "/api/"

NOT_FOUND = "There is nothing at this URL. /api/docs/ lists the URLs of the API."
BAD_REQUEST = "This request was rejected. Check its URL, its Host header and its size."
FORBIDDEN = "This is not allowed."
FAILED = "Something failed in Postwatch. Try again later; the operator finds the reason in the server's log."
CSRF_FAILED = "The API takes an API key in the X-Api-Key header, and no forms."


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return sentence(NOT_FOUND, 404)
    # Django's view would read the form for its token, even when the form is what is wrong.
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handles unknown Host headers as well, so nothing here may ask for the host."""
    if is_for_programs(request):
        return sentence(BAD_REQUEST, 400)
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return sentence(str(exception) or FORBIDDEN, 403)
    return defaults.permission_denied(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    return sentence(FAILED, 500) if is_for_programs(request) else defaults.server_error(request)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    if is_for_programs(request):
        return sentence(CSRF_FAILED, 403)
    return csrf.csrf_failure(request, reason)


def is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def sentence(text: str, status: int) -> JsonResponse:
    """An error in the format of the API."""
    return JsonResponse({"detail": text}, status=status)
