"""What an import compares its rows with: the units, the areas and the people there are."""

from collections.abc import Collection, Iterator, Sequence

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from organisation.choices import (
    ADMINISTRATORS,
    LIGHT_ROLES,
    ROSTER_KEEPERS,
    Role,
    Tier,
    UnitKind,
)
from organisation.models import Area, Grant, Posting, RosterUpload, Unit, UnitUpload, User
from organisation.models.scope import scope_of
from organisation.roster.comparison import Held, Present
from organisation.roster.fields import IN_OFFICE, POWERS
from organisation.roster.people import Directory, KnownUnit
from organisation.roster.units import Ground, PresentUnit

PER_QUERY = 900  # SQLite takes 999 parameters
KEEPERS = tuple(ROSTER_KEEPERS)


def directory_for(keeper: User) -> Directory:
    """All units, and which of them the keeper's roster is; two queries."""
    own = _own_units(keeper)
    units = Unit.objects.order_by("pk").values_list("pk", "code", "name", "closed_on")
    return Directory(
        KnownUnit(pk, code, name, is_open=closed_on is None, in_scope=pk in own)
        for pk, code, name, closed_on in units
    )


def people_named(logins: Sequence[str], keeper: User) -> dict[str, Present]:
    """Everybody of these login names in whatever case, by login; three queries for 900."""
    own = _own_units(keeper)
    of_office = frozenset(_kept_units(keeper).values_list("pk", flat=True))
    names = sorted({login.casefold() for login in logins})
    found: dict[str, Present] = {}
    for start in range(0, len(names), PER_QUERY):
        found |= _people_named(names[start : start + PER_QUERY], own, of_office)
    return found


def ground_for(keeper: User) -> Ground:
    """The codes of the areas, and those of the keeper's; two queries."""
    own = Area.objects.filter(scope_of(keeper).areas([Role.OFFICE], field=""))
    return Ground(
        known=frozenset(Area.objects.values_list("code", flat=True)),
        own=frozenset(own.values_list("code", flat=True)),
    )


def present_units(keeper: User) -> list[PresentUnit]:
    """All units as the comparison needs them; two queries."""
    own = set(_kept_units(keeper).values_list("pk", flat=True))
    columns = ("pk", "code", "name", "kind", "area__code", "parent_id", "closed_on")
    return [
        PresentUnit(
            pk=pk,
            code=code,
            name=name,
            kind=kind,
            area=area,
            parent=parent or 0,
            is_open=closed_on is None,
            in_scope=pk in own,
        )
        for pk, code, name, kind, area, parent, closed_on in (
            Unit.objects.order_by("pk").values_list(*columns)
        )
    ]


def roster_rows(keeper: User) -> Iterator[Sequence[object]]:
    """The roster of the keeper's units as an import reads it, without telephone numbers."""
    held = Posting.objects.filter(scope_of(keeper).units(KEEPERS), until=None)
    postings = held.select_related("user", "unit").order_by("unit__path", "user__username")
    for posting in postings.iterator(chunk_size=2000):
        yield (
            posting.user.username,
            posting.user.name,
            posting.unit.code or posting.unit.name,
            posting.position,
            Tier(posting.tier).label,
            *("是" if getattr(posting, power) else "否" for power in POWERS),
            "",
            posting.since,
            IN_OFFICE,
        )


def unit_rows(keeper: User) -> Iterator[Sequence[object]]:
    """The open units of the keeper's area as an import reads them."""
    units = _kept_units(keeper).filter(closed_on=None).select_related("area", "parent")
    for unit in units.order_by("path"):
        above = unit.parent.code if unit.parent else ""
        yield (unit.code, unit.name, UnitKind(unit.kind).label, unit.area.code, above)


def own_rosters(user: User) -> QuerySet[RosterUpload]:
    """The person's rosters, newest first."""
    rows: QuerySet[RosterUpload] = RosterUpload.objects.visible_to(user)
    return rows.select_related("job").order_by("-id")


def own_unit_lists(user: User) -> QuerySet[UnitUpload]:
    """The person's lists of units, newest first."""
    rows: QuerySet[UnitUpload] = UnitUpload.objects.visible_to(user)
    return rows.select_related("job").order_by("-id")


def _own_units(keeper: User) -> frozenset[int]:
    units = Unit.objects.filter(scope_of(keeper).units(KEEPERS, field=""))
    return frozenset(units.values_list("pk", flat=True))


def _kept_units(keeper: User) -> QuerySet[Unit]:
    return Unit.objects.filter(scope_of(keeper).areas([Role.OFFICE]))


def _people_named(
    names: Sequence[str], own: Collection[int], of_office: Collection[int]
) -> dict[str, Present]:
    people = User.objects.annotate(small=Lower("username")).filter(small__in=names)
    found = {person.pk: person for person in people}
    keys = list(found)
    held = {each.user_id: each for each in Posting.objects.filter(user__in=keys, until=None)}
    given = Grant.objects.filter(user__in=keys, revoked_at=None)
    weighty = given.exclude(until__lt=timezone.localdate()).exclude(role__in=LIGHT_ROLES)
    roles = set(weighty.values_list("user_id", "role"))
    administrators = {user for user, role in roles if role in ADMINISTRATORS}
    heavy = {user for user, _ in roles}
    return {
        person.username: Present(
            pk=pk,
            name=person.name,
            phone=person.phone.open(),
            in_scope=person.unit_id in own,
            administers=pk in administrators,
            by_office=pk in heavy and person.unit_id not in of_office,
            posting=_held(held[pk]) if pk in held else None,
        )
        for pk, person in found.items()
    }


def _held(posting: Posting) -> Held:
    return Held(
        unit_id=posting.unit_id,
        position=posting.position,
        tier=posting.tier,
        powers=frozenset(power for power in POWERS if getattr(posting, power)),
        since=posting.since,
    )
