"""What is answered where no view of ours answers: sentences in JSON to programs, pages to people."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import csrf, defaults

API = "/api/"

NOT_FOUND = "There is nothing at this address. /api/docs/ lists the addresses of the API."
BAD_REQUEST = "This request was refused: check its address, its Host header and its size."
FORBIDDEN = "This is not allowed."
FAILED = "Something failed on our side. Try again later; the operator finds the reason in the server's log."
CSRF_FAILED = "The API takes an API key in the X-Api-Key header, and no forms."


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return sentence(NOT_FOUND, 404)
    # Django's own view would first read the form for its token, whatever is wrong with that form.
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also for a Host header that is not ours, so nothing here may ask for the host."""
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
    """In the shape of every error of the API."""
    return JsonResponse({"detail": text}, status=status)
