"""The log of visits, newest first, in lists that cost the same however many visits there are."""

from django.db.models import Sum

from core.paging import Listed
from organisation.models import User
from organisation.scope import scope_of
from visits.choices import TargetState
from visits.models import CoverageCount, Target, Visit
from visits.models.register import READERS
from visits.models.teams import team_areas

FEW = 20_000  # entries of the register whose visits are quickly gathered and sorted


def log_of(user: User) -> list[Listed]:
    """The visits the person may see.

    Of a small area they are found through its register. Of a large one the newest of all are
    looked through, where many are its own; a page looks no further than its span.
    """
    if _registered(user) > FEW:
        return [Listed(Visit.objects.visible_to(user), within=Visit.objects.all())]
    own, brought = Visit.objects.filter(author=user), Visit.objects.filter(entered_by=user)
    there = Visit.objects.filter(target__in=Target.objects.visible_to(user).values("pk"))
    return [Listed(rows) for rows in (own, brought, there)]


def _registered(user: User) -> int:
    """How much is registered where the person reads, from counters."""
    held = {each.area_path for each in scope_of(user).held if each.role in READERS}
    of_teams = team_areas(user).values_list("area__path", flat=True)
    counts = CoverageCount.objects.filter(area__path__in=[*held, *of_teams])
    return sum(filter(None, counts.aggregate(*map(Sum, TargetState.values)).values()))
