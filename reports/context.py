"""What the frame of every page shows: who is here, where they may go, what waits."""

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


def _menu(scope: Scope, path: str) -> list[Entry]:
    places = [("首页", "home", "reports:home")]
    if scope.has(*VISITORS):
        places.append(("走访", "map-pin", "visits:target-list"))
    if scope.takes_part:
        places.append(("问题清单", "clipboard-list", "issues:issue-list"))
    if scope.has(*RATING_READERS):
        places.append(("三评议", "star", "evaluations:round-list"))
    if scope.has(*OVERSEERS):
        places.append(("进展", "chart-bar", "reports:progress"))
    if scope.has(*ROSTER_READERS):
        places.append(("组织", "users", "organisation:person-list"))
    if scope.has(Role.SECURITY_ADMIN):
        places.append(("安全策略", "shield", "organisation:policy"))
    if scope.has(Role.AUDIT_ADMIN):
        places.append(("审计记录", "history", "organisation:audit-list"))
    return [_entry(title, icon, reverse(name), path) for title, icon, name in places]


def _entry(title: str, icon: str, url: str, path: str) -> Entry:
    also = reverse("organisation:unit-list") if title == "组织" else url
    active = path == url if url == "/" else path.startswith((url, also))
    return Entry(title, icon, url, active)
