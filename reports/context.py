"""What the frame of every page shows: who is here, where they may go, what waits."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from core import notices
from organisation.choices import ROSTER_READERS, Role
from organisation.queries import posting_of
from organisation.scope import Scope, scope_of

OVERSEERS = (Role.OFFICE, Role.ORGANISATION, Role.DISCIPLINE, Role.LEADER)
VISITORS = (Role.CADRE, Role.LIAISON, Role.UNIT_HEAD, Role.DEPUTY, Role.OFFICE, Role.ORGANISATION)
RATING_READERS = (Role.OFFICE, Role.DISCIPLINE, Role.LEADER)


@dataclass(frozen=True)
class Entry:
    """One entry of the menu."""

    title: str
    icon: str
    url: str
    active: bool


def navigation(request: HttpRequest) -> dict[str, object]:
    """The menu by grants, the present posting, the number of unread messages."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "menu": _menu(scope_of(user), request.path),
        "posting": posting_of(user),
        "unread": notices.unread_count(user),
    }


# Title, icon, route, and who finds it in the menu.
PLACES: tuple[tuple[str, str, str, Callable[[Scope], bool]], ...] = (
    ("首页", "home", "reports:home", lambda scope: True),
    ("专项行动", "flag", "campaign:overview", lambda scope: scope.takes_part),
    ("走访", "map-pin", "visits:target-list", lambda scope: scope.has(*VISITORS)),
    ("问题清单", "clipboard-list", "issues:issue-list", lambda scope: scope.takes_part),
    ("三评议", "star", "evaluations:round-list", lambda scope: scope.has(*RATING_READERS)),
    ("进展", "chart-bar", "reports:progress", lambda scope: scope.has(*OVERSEERS)),
    ("组织", "users", "organisation:person-list", lambda scope: scope.has(*ROSTER_READERS)),
    ("运行状态", "clock", "reports:status", lambda scope: scope.has(Role.SYSTEM_ADMIN)),
    ("安全策略", "shield", "organisation:policy", lambda scope: scope.has(Role.SECURITY_ADMIN)),
    ("审计记录", "history", "organisation:audit-list", lambda scope: scope.has(Role.AUDIT_ADMIN)),
)


def _menu(scope: Scope, path: str) -> list[Entry]:
    return [
        _entry(title, icon, reverse(name), path)
        for title, icon, name, is_for in PLACES
        if is_for(scope)
    ]


def _entry(title: str, icon: str, url: str, path: str) -> Entry:
    also = reverse("organisation:unit-list") if title == "组织" else url
    active = path == url if url == "/" else path.startswith((url, also))
    return Entry(title, icon, url, active)
