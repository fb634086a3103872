"""What of the lists of units waits for a person, beside the single items."""

from dataclasses import dataclass

from django.db.models import F, QuerySet

from issues.choices import Assent, Level, State
from issues.models import LIST_KEEPERS, Issue, ListEntry, ListVersion, is_returned
from issues.rules import confirms_list
from organisation.choices import Role
from organisation.models import User
from organisation.scope import scope_of

SHOWN = 10


@dataclass(frozen=True)
class ListWork:
    """``returned``: items of units that came back; whoever keeps the list mends them."""

    to_confirm: list[ListVersion]
    to_review: list[ListVersion]
    returned: list[Issue]

    @property
    def is_empty(self) -> bool:
        return not (self.to_confirm or self.to_review or self.returned)


def list_work(user: User) -> ListWork:
    """The first of each kind."""
    return ListWork(
        to_confirm=list(lists_waiting_for(user)[:SHOWN]),
        to_review=list(_to_review(user)[:SHOWN]),
        returned=list(_returned(user)[:SHOWN]),
    )


def lists_waiting_for(user: User) -> QuerySet[ListVersion]:
    """Frozen lists that wait for the assent of this person."""
    scope = scope_of(user)
    if not scope.has(Role.UNIT_HEAD, Role.DEPUTY):
        return ListVersion.objects.none()
    found = ListVersion.objects.filter(
        scope.units([Role.UNIT_HEAD, Role.DEPUTY]), assent="", campaign__archived_at=None
    ).select_related("unit__area", "campaign")
    able = [version.pk for version in found if confirms_list(user, version)]
    return found.filter(pk__in=able).order_by("frozen_at", "id")


def _to_review(user: User) -> QuerySet[ListVersion]:
    """Confirmed lists with items that wait to be filed as they stand there."""
    scope = scope_of(user)
    if not scope.has(Role.OFFICE):
        return ListVersion.objects.none()
    waiting = ListEntry.objects.filter(
        issue__level=Level.UNIT, issue__state=State.CONFIRMED, issue__version=F("version")
    )
    found = ListVersion.objects.filter(
        scope.units([Role.OFFICE]),
        assent=Assent.CONFIRMED,
        campaign__archived_at=None,
        pk__in=waiting.values("list_version"),
    )
    return found.select_related("unit").order_by("frozen_at", "id")


def _returned(user: User) -> QuerySet[Issue]:
    scope = scope_of(user)
    if not scope.has(*LIST_KEEPERS):
        return Issue.objects.none()
    found = Issue.objects.filter(
        scope.units(LIST_KEEPERS) & is_returned(), level=Level.UNIT, campaign__archived_at=None
    )
    shown = found.select_related("unit", "author", "category").order_by("id")
    return shown.with_returned()
