"""What the rows of a ledger are compared with: people, units, categories, and what is there."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils import timezone

from campaign.models import Campaign, Category
from issues.models import Issue, LedgerUpload
from issues.sheet.reading import Ground, KnownPerson, KnownUnit, Present, bare
from organisation.choices import ADMINISTRATORS, UNIT_LEADERS, Role
from organisation.models import Grant, Posting, Unit, User
from organisation.queries import paths_above
from organisation.scope import scope_of

PER_QUERY = 900  # SQLite takes 999 parameters
BRINGERS = (Role.LIAISON,)  # bring in the problems of their people too


def own_uploads(user: User) -> QuerySet[LedgerUpload]:
    """The person's ledgers, newest first."""
    rows: QuerySet[LedgerUpload] = LedgerUpload.objects.visible_to(user)
    return rows.select_related("job", "campaign").order_by("-id")


def ground_for(reader: User, campaign: Campaign) -> Ground:
    """Whom the reader may bring in problems for; five queries, whatever the size."""
    scope = scope_of(reader)
    people = _people(reader, scope.units(BRINGERS))
    units = Unit.objects.filter(pk__in={each.unit for each in people})
    rows = list(units.order_by("pk").values_list("pk", "code", "name", "path"))
    leaders = _leaders()
    return Ground(
        people=people,
        units={
            pk: KnownUnit(pk, code, name, _above(path, leaders)) for pk, code, name, path in rows
        },
        categories=categories_of(campaign),
        own=reader.pk,
        for_others=scope.has(*BRINGERS),
        today=timezone.localdate(),
        last=campaign.ends_on,
    )


def categories_of(campaign: Campaign) -> list[tuple[int, int, str]]:
    """Key, number and name of each category that a problem can have."""
    rows = Category.objects.examined().filter(taxonomy__campaign=campaign)
    return list(rows.order_by("taxonomy", "number").values_list("pk", "number", "name"))


def present_for(
    reader: User, campaign: Campaign, numbers: Collection[int], people: Collection[int]
) -> Present:
    """The events of these items as far as the reader sees them, and all of these people."""
    numbered: dict[int, str] = {}
    events: dict[int, set[str]] = defaultdict(set)
    issues = Issue.objects.filter(campaign=campaign)
    for some in _portions(numbers):
        seen = issues.visible_to(reader).filter(pk__in=some)
        numbered |= {pk: bare(event) for pk, event in seen.values_list("pk", "event")}
    for some in _portions(people):
        for author, event in issues.filter(author__in=some).values_list("author", "event"):
            events[author].add(bare(event))
    return Present(numbered, {person: frozenset(each) for person, each in events.items()})


def _people(reader: User, within: Q) -> list[KnownPerson]:
    """Who is posted in these units and takes part, and the reader; by the latest posting."""
    today = timezone.localdate()
    posted = Posting.objects.current(today)
    taking = Grant.objects.current(today).exclude(role__in=ADMINISTRATORS).values("user")
    near = posted.filter(within).values("user")
    found = posted.filter(Q(user__in=near) | Q(user=reader), user__is_active=True, user__in=taking)
    inside = set(posted.filter(within).values_list("pk", flat=True))
    latest = {
        pk: (posting, KnownPerson(pk, login, name, unit))
        for posting, pk, login, name, unit in found.order_by("since", "pk").values_list(
            "pk", "user", "user__username", "user__name", "unit"
        )
    }
    kept = (person for posting, person in latest.values() if posting in inside)
    own = [person for _, person in latest.values() if person.pk == reader.pk]
    return list({person.pk: person for person in (*kept, *own)}.values())


def _leaders() -> dict[int, list[tuple[int, str, str]]]:
    """Heads and deputies by the unit over which they are."""
    held = Grant.objects.current(timezone.localdate()).filter(
        role__in=UNIT_LEADERS, user__is_active=True
    )
    found: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    rows = held.order_by("pk").values_list("unit", "user", "user__username", "user__name")
    for unit, *leader in rows:
        found[unit].append(tuple(leader))
    return found


def _above(
    path: str, leaders: dict[int, list[tuple[int, str, str]]]
) -> tuple[tuple[int, str, str], ...]:
    """Those of the unit and of the units above it."""
    units = [int(each.rstrip("/").rpartition("/")[2]) for each in paths_above(path)]
    return tuple(dict.fromkeys(each for unit in units for each in leaders.get(unit, ())))


def _portions(keys: Collection[int]) -> list[list[int]]:
    rows = sorted(keys)
    return [rows[at : at + PER_QUERY] for at in range(0, len(rows), PER_QUERY)]
