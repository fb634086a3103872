"""What every request leaves behind, and what every response carries."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core import audit


class NoStoreMiddleware:
    """Personal data must not stay in a shared computer's cache or back button."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class AuditOriginMiddleware:
    """Lets the audit trail know the client's address while a signed-in person acts.

    The person is looked up only when such an act is recorded: public pages touch no
    session, and an act without a person never has an address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.origin(request):
            return self.get_response(request)
