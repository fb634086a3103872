"""Reads on the problem lists of units."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from campaign.choices import Audience
from campaign.models import Campaign, Participant
from campaign.queries.people import Crew, crew_of, present_people
from issues.choices import FILED, NOT_HANDED_IN, SETTLED, Assent, Kind, Level, Nature, State
from issues.models import (
    TEXT_FIELDS,
    Claim,
    Issue,
    IssueVersion,
    ListEntry,
    ListVersion,
    Origin,
    hash_of,
)
from issues.queries.signed import Change, changed_lines
from organisation.choices import Role
from organisation.models import Grant, Unit, User

SHOWN_WITHOUT = 30  # names of people without a list
EVENT_ROOM = 1000  # characters


@dataclass(frozen=True)
class Share:
    """How many of the people have a list of their own."""

    listed: int
    people: int


@dataclass(frozen=True)
class Difference:
    """One item in two versions of a list, with the lines that changed."""

    issue: Issue
    lines: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """What a later version of a list has that an earlier one had not, and the other way."""

    added: list[Difference]
    gone: list[Difference]
    changed: list[Difference]
    same: int


@dataclass(frozen=True)
class UnitLine:
    """One unit's list in a line."""

    unit: Unit
    share: Share
    version: ListVersion | None
    items: int
    waiting: int
    filed: int
    settled: int


def page_of_version(version: ListVersion) -> str:
    """Where its page is, for messages."""
    return reverse("issues:list-version", args=[version.pk])


def items_of_list(campaign: Campaign, unit: Unit) -> QuerySet[Issue]:
    """The unit's own items that stand, oldest first, with how many they came from and claims."""
    found = Issue.objects.filter(campaign=campaign, unit=unit, level=Level.UNIT)
    found = found.exclude(state=State.WITHDRAWN)
    return (
        found.select_related("author", "responsible", "leader", "category", "unit__area")
        .annotate(
            origin_count=Count("origins", distinct=True), claim_count=Count("claims", distinct=True)
        )
        .order_by("id")
    )


def latest_texts(items: Collection[Issue]) -> dict[int, str]:
    """The hash of each item's latest text."""
    latest = IssueVersion.objects.filter(issue__in=items, number=F("issue__version"))
    return dict(latest.values_list("issue", "sha256"))


def list_hash(rows: Iterable[tuple[int, int, str]]) -> str:
    """The fingerprint of a list: item, number of its text, hash of its text, in order."""
    return hash_of([list(row) for row in rows])


def fingerprint(items: Collection[Issue]) -> str:
    """That of the list as it stands."""
    texts = latest_texts(items)
    return list_hash((item.pk, item.version, texts[item.pk]) for item in items)


def hash_again(version: ListVersion) -> str:
    """That of a frozen version, reckoned anew from its entries and their texts."""
    rows = (
        version.entries.filter(issue__versions__number=F("version"))
        .order_by("id")
        .values_list("issue", "version", "issue__versions__sha256")
    )
    return list_hash(rows)


def kin_of(issue: int) -> set[int]:
    """The items that one was made of, those made of it, and those that claim or are claimed."""
    origins = Origin.objects.filter(Q(unit_item=issue) | Q(item=issue))
    claims = Claim.objects.filter(Q(claimed=issue) | Q(own_item=issue))
    pairs = (
        origins.order_by()
        .values_list("unit_item", "item")
        .union(claims.order_by().values_list("claimed", "own_item"))
    )
    return {key for pair in pairs for key in pair}


def origins_of(issue: Issue, reader: User) -> QuerySet[Origin]:
    """The cadres' items it was made of; ``is_open`` for those that the reader may see."""
    seen = Issue.objects.visible_to(reader).filter(pk=OuterRef("item"))
    return issue.origins.select_related("item__author").annotate(is_open=Exists(seen))


def candidates(campaign: Campaign, unit: Unit) -> QuerySet[Issue]:
    """Items of the unit's cadres that no item of the unit was made of yet, by category."""
    taken = Origin.objects.filter(item=OuterRef("pk"), unit_item__unit=unit).exclude(
        unit_item__state=State.WITHDRAWN
    )
    found = items_of_cadres(campaign, unit).filter(~Exists(taken))
    return found.select_related("author", "category", "unit").order_by(
        "category__taxonomy_id", "category__number", "id"
    )


def merged_text(items: Collection[Issue]) -> dict[str, object]:
    """What an item of the unit made of these begins with: the first one's words, all events.

    When and where it was is left open, unless it was the same for all.
    Events that would not fit into EVENT_ROOM are left for the writer, who sees them beside.
    """
    first = next(iter(items))
    text: dict[str, object] = {name: getattr(first, name) for name in TEXT_FIELDS}
    text |= {"category": first.category_id, "source": first.source}
    if first.kind == Kind.LONG_TERM:
        text["kind"] = Kind.BY_DATE
    text["nature"] = Nature.COMMON if len(items) > 1 else first.nature
    if len(items) > 1:
        told = ""
        for number, item in enumerate(items, start=1):
            line = f"{number}. {_day(item.happened_on)}，{item.place}：{item.event}\n"
            if len(told) + len(line) <= EVENT_ROOM:
                told += line
        text["event"] = told.strip() or first.event
    text["happened_on"] = first.happened_on if _agree(items, "happened_on") else None
    text["place"] = first.place if _agree(items, "place") else ""
    return text


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "日期没有写"


def _agree(items: Collection[Issue], name: str) -> bool:
    return len({getattr(item, name) for item in items}) == 1


def items_of_cadres(campaign: Campaign, unit: Unit) -> QuerySet[Issue]:
    """What the people of the unit and of those below it without a part have handed in."""
    found = Issue.objects.filter(campaign=campaign, level=Level.PERSONAL)
    return found.filter(_belongs_to(campaign, unit)).exclude(state__in=NOT_HANDED_IN)


def _belongs_to(campaign: Campaign, unit: Unit) -> Q:
    below = Participant.objects.filter(
        campaign=campaign, left_on=None, unit__path__under=unit.path
    ).exclude(unit=unit)
    found = Q(unit__path__under=unit.path)
    for path in below.values_list("unit__path", flat=True):
        found &= ~Q(unit__path__under=path)
    return found


def authors_with_a_list(campaign: Campaign) -> set[int]:
    """Who has handed in at least one problem of their own."""
    handed_in = Issue.objects.filter(campaign=campaign, level=Level.PERSONAL)
    return set(handed_in.exclude(state__in=NOT_HANDED_IN).values_list("author", flat=True))


def listed_by_unit(campaign: Campaign, crew: Crew) -> Counter[int]:
    """How many people of each unit of the crew have a list of their own."""
    listed = authors_with_a_list(campaign)
    having: Counter[int] = Counter()
    posted = present_people().filter(unit__area__path__under=campaign.area.path)
    for user, path in posted.values_list("user", "unit__path").iterator():
        unit = crew.unit_of(path)
        if unit and user in listed:
            having[unit] += 1
    return having


def share_of(campaign: Campaign, unit: Unit) -> Share:
    """Of one unit's people."""
    people = people_of(campaign, unit)
    listed = items_of_cadres(campaign, unit).values("author")
    return Share(people.filter(pk__in=listed).count(), people.count())


def people_of(campaign: Campaign, unit: Unit) -> QuerySet[User]:
    """Who belongs to the unit today, those of units below it without a part too."""
    posted = present_people().filter(_belongs_to(campaign, unit))
    return User.objects.filter(pk__in=posted.values("user"))


def people_without_a_list(campaign: Campaign, unit: Unit) -> list[str]:
    """Names, for whoever keeps the list; the first SHOWN_WITHOUT."""
    listed = items_of_cadres(campaign, unit).values("author")
    left = people_of(campaign, unit).exclude(pk__in=listed).order_by("name", "pk")
    return list(left.values_list("name", flat=True)[:SHOWN_WITHOUT])


def leaders_of_list(unit: Unit) -> QuerySet[User]:
    """Who can be the leader responsible for an item of the unit: its head and deputies."""
    held = Grant.objects.current(timezone.localdate()).filter(
        unit__in=[int(part) for part in unit.path.split("/") if part],
        role__in=[Role.UNIT_HEAD, Role.DEPUTY],
    )
    return User.objects.filter(grants__in=held, is_active=True).distinct().order_by("name", "pk")


def versions_of(campaign: Campaign, unit: Unit, viewer: User) -> QuerySet[ListVersion]:
    """The frozen versions that the person may see, latest first."""
    found = ListVersion.objects.visible_to(viewer).filter(campaign=campaign, unit=unit)
    return found.select_related("frozen_by", "assented_by", "unit__area", "campaign")


def lines_of(campaign: Campaign, units: Collection[Unit]) -> list[UnitLine]:
    """A line for each unit; a fixed number of queries."""
    crew = crew_of(campaign)
    listed = listed_by_unit(campaign, crew)
    counts = _counts(campaign, units)
    latest = _latest_confirmed(campaign, units)
    lines = []
    for unit in units:
        states = counts.get(unit.pk, {})
        share = Share(listed[unit.pk], crew.expected(Audience.CADRES, unit.pk))
        lines.append(
            UnitLine(
                unit,
                share,
                latest.get(unit.pk),
                items=sum(states.values()),
                waiting=states.get(State.CONFIRMED, 0),
                filed=sum(n for state, n in states.items() if state in FILED),
                settled=sum(n for state, n in states.items() if state in SETTLED),
            )
        )
    return lines


def _counts(campaign: Campaign, units: Collection[Unit]) -> dict[int, dict[str, int]]:
    """Of each unit, how many items stand in which state; drafts are not counted."""
    found = Issue.objects.filter(campaign=campaign, unit__in=units, level=Level.UNIT)
    rows = found.exclude(state__in=NOT_HANDED_IN).order_by().values_list("unit", "state")
    counts: dict[int, dict[str, int]] = {}
    for unit, state, n in rows.annotate(n=Count("pk")):
        counts.setdefault(unit, {})[state] = n
    return counts


def _latest_confirmed(campaign: Campaign, units: Collection[Unit]) -> dict[int, ListVersion]:
    found = ListVersion.objects.filter(
        campaign=campaign, unit__in=units, assent=Assent.CONFIRMED
    ).order_by("number")
    return {version.unit_id: version for version in found}


def open_version(campaign: Campaign, unit: Unit) -> ListVersion | None:
    """The version that waits for the head."""
    waiting = ListVersion.objects.filter(campaign=campaign, unit=unit, assent="")
    return waiting.select_related("unit__area", "campaign", "frozen_by").first()


def entries_of(version: ListVersion) -> list[tuple[ListEntry, dict[str, str]]]:
    """Each entry with its item and the text as it was frozen."""
    entries = list(
        version.entries.select_related("issue__category", "issue__responsible").order_by("id")
    )
    texts = _texts(entries)
    return [(entry, texts[entry.issue_id, entry.version]) for entry in entries]


def compare(older: ListVersion, newer: ListVersion) -> Comparison:
    """What changed from the one version to the other; the order is that of the items."""
    before = {entry.issue_id: entry for entry in older.entries.select_related("issue")}
    after = {entry.issue_id: entry for entry in newer.entries.select_related("issue")}
    texts = _texts([*before.values(), *after.values()])
    changed = []
    for key in sorted(before.keys() & after.keys()):
        was, now = before[key], after[key]
        lines = tuple(changed_lines(texts[key, was.version], texts[key, now.version]))
        if lines:
            changed.append(Difference(now.issue, lines))
    both = len(before.keys() & after.keys())
    return Comparison(
        added=[Difference(after[key].issue) for key in sorted(after.keys() - before.keys())],
        gone=[Difference(before[key].issue) for key in sorted(before.keys() - after.keys())],
        changed=changed,
        same=both - len(changed),
    )


def _texts(entries: Iterable[ListEntry]) -> dict[tuple[int, int], dict[str, str]]:
    wanted = Q(pk__in=[])
    for entry in entries:
        wanted |= Q(issue=entry.issue_id, number=entry.version)
    rows = IssueVersion.objects.filter(wanted).values_list("issue", "number", "text")
    return {(issue, number): text for issue, number, text in rows}
