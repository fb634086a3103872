"""Every view names its permission: a rule about the person who asks.

The rule answers whether somebody may come to this page at all; which objects they find
there is ``visible_to``, and what they may do with one is its app's ``rules``.
``docs/permissions.md`` is written from these names and from the rules' own words.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")
Rule = Callable[[Any], bool]
View = Callable[Concatenate[Any, P], HttpResponseBase]


def everyone(user: Any) -> bool:
    """不登录也能打开"""
    return True


def signed_in(user: Any) -> bool:
    """登录的人"""
    return bool(user.is_authenticated)


def person_of(request: HttpRequest) -> Model:
    """Who is signed in; the middleware lets nobody else come this far."""
    assert isinstance(request.user, Model)
    return request.user


def needs(rule: Rule, otherwise: str = "") -> Callable[[View[P]], View[P]]:
    """Let only those in for whom the rule holds; the others are told ``otherwise`` (403).

    A view for ``everyone`` asks for no sign-in; every other one does (LoginRequiredMiddleware).
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not rule(request.user):
                raise PermissionDenied(otherwise)
            return view(request, *args, **kwargs)

        guarded.permission = rule  # type: ignore[attr-defined]
        return login_not_required(guarded) if rule is everyone else guarded

    return guard
