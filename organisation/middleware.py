"""What stands between a sign-in and the pages: its end, and what comes before anything else."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from organisation.choices import SECOND_FACTOR_ROLES
from organisation.models import SecurityPolicy
from organisation.passwords import is_older
from organisation.requests import StaffRequest, address_of
from organisation.scope import scope_of
from organisation.services.sessions import end_sign_in, keep_seen
from organisation.sessions import agent_label, is_seen_long_ago, why_over

SECOND_FACTOR = "second_factor"  # in the session: signed in with a one-time code
PASSWORD_PAGE = "organisation:password"  # noqa: S105 -- the name of a page
AUTHENTICATOR_PAGE = "organisation:authenticator"
ALWAYS_OPEN = {"organisation:logout"}
ASKS_BY_ITSELF = {"core:job-status", "reports:status-now"}  # polled: nobody need be sitting there


class SignInMiddleware:
    """Ends a sign-in that is over, and leads to a new password or the second factor first.

    Stands after LoginRequiredMiddleware, which lets nobody come this far unknown. Reads the
    policy once and keeps it on the request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        agent = agent_label(request.headers.get("User-Agent", ""))
        request.session.client = (address_of(request), agent)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: StaffRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        request.policy = SecurityPolicy.objects.in_force()
        return _ended(request) or _led(request)


def _ended(request: StaffRequest) -> HttpResponse | None:
    """The way to the login page for a sign-in that is over; else note that it is in use."""
    row, now = request.session.row, timezone.now()
    if row is None:
        return None
    why = why_over(row, request.policy, now)
    if why:
        end_sign_in(user=request.user, why=why)
        return to_login(request, why)
    if is_seen_long_ago(row, now) and _page_name(request) not in ASKS_BY_ITSELF:
        keep_seen(key=row.session_key, client=request.session.client)
    return None


def _led(request: StaffRequest) -> HttpResponse | None:
    """The way to what has to be done first; None when nothing stands before the page."""
    page = _first_page(request)
    if not page or _page_name(request) in ALWAYS_OPEN | {page}:
        return None
    return _go(request, reverse(page))


def _first_page(request: StaffRequest) -> str:
    user, policy = request.user, request.policy
    too_old = policy.password_days and is_older(user, policy.password_days)
    if user.password_is_initial or too_old:
        return PASSWORD_PAGE
    if policy.second_factor and SECOND_FACTOR not in request.session:
        return AUTHENTICATOR_PAGE if scope_of(user).has(*SECOND_FACTOR_ROLES) else ""
    return ""


def to_login(request: HttpRequest, why: str) -> HttpResponse:
    """End the session on the server and go to the login page, which says why and leads back."""
    back = _way_back(request)
    request.session.flush()
    request.user = AnonymousUser()
    query = {"why": why} | ({"next": back} if back else {})
    return _go(request, f"{reverse('organisation:login')}?{urlencode(query)}")


def _way_back(request: HttpRequest) -> str:
    """The page that the person was looking at: a form or a fragment is on another one."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _go(request: HttpRequest, address: str) -> HttpResponse:
    """A redirect of the whole page, also for a request that would fill a part of it."""
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _page_name(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else ""
