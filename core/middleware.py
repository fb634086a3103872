"""What is believed of a request before anything else, and what every response carries."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

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


class PlainRequestMiddleware:
    """Refuse a NUL in an address, and answer a method that a page does not take in words.

    No text of ours holds a NUL, and PostgreSQL takes none: 400 at the door spares every
    parameter its own check. What is posted is checked by the fields of the forms, and what
    goes past them by ``POST`` itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("a NUL in the address")
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            response.content = render_to_string("core/405.html")
            response.headers["Content-Length"] = str(len(response.content))
        return response


CLAIMS = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class TrustedProxies:
    """Believe X-Forwarded-For, -Proto and -Host only from the proxies of the settings.

    From anybody else they are taken away, so that nobody chooses an address of his own.
    Behind a proxy ``REMOTE_ADDR`` becomes the last address that no proxy of ours has added.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_proxy(request.META.get("REMOTE_ADDR", "")):
            _believe(request)
        else:
            _disbelieve(request)
        return self.get_response(request)


def _is_proxy(address: str) -> bool:
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    caller = getattr(caller, "ipv4_mapped", None) or caller
    return any(caller in network for network in settings.TRUSTED_PROXIES)


def _disbelieve(request: HttpRequest) -> None:
    claimed = [name for name in request.META if name.startswith(CLAIMS)]
    for name in claimed:
        del request.META[name]
    if claimed:  # gunicorn has believed a caller on this machine before us
        request.META["wsgi.url_scheme"] = "http"


def _believe(request: HttpRequest) -> None:
    """Read the chain from our end; whoever stands before our proxies could write anything."""
    for hop in reversed(_parts(request, "HTTP_X_FORWARDED_FOR")):
        if not _is_address(hop):
            break
        request.META["REMOTE_ADDR"] = hop
        if not _is_proxy(hop):
            break
    for name in ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"):
        if said := _parts(request, name):
            request.META[name] = said[-1]


def _parts(request: HttpRequest, name: str) -> list[str]:
    return [part.strip() for part in request.META.get(name, "").split(",") if part.strip()]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


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
