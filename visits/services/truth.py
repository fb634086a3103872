"""Looking through new visits for what does not fit together. A hint changes nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from visits.choices import FlagKind
from visits.entry import letters_of
from visits.models import Membership, TruthFlag, TruthLook, Visit, VisitVersion
from visits.truth import (
    MANY_AT_NIGHT,
    NIGHT_BEGINS,
    NIGHT_ENDS,
    TELLING_TOGETHER,
    Entered,
    Seen,
    Words,
    common_path,
    crowded,
    night_of,
    overlapping,
    repeated,
    times_entered,
)

VISITS_AT_ONCE = 300  # their authors, units and words are parameters; SQLite takes 999
FLAGS_AT_ONCE = 60
LINKS_AT_ONCE = 400


@dataclass(frozen=True)
class Found:
    """Visits that have something in common; of several people ``author`` made the first."""

    kind: FlagKind
    author: int
    about: int
    visits: frozenset[int]

    @property
    def key(self) -> tuple[str, int, int]:
        return str(self.kind), self.author, self.about


def look_at_visits(now: datetime | None = None) -> int:
    """Flag what is new in every open campaign since the last look; how many hints stand there.

    It looks at what came before the end of the last night, so that no night is cut in two. Safe
    to repeat, and to kill: each part is written with how far it went.
    """
    here = timezone.localtime(now)
    until = here.replace(hour=NIGHT_ENDS.hour, minute=0, second=0, microsecond=0)
    until = until if until <= here else until - timedelta(days=1)
    number = 0
    for campaign in Campaign.objects.filter(archived_at=None).order_by("pk"):
        while (flags := _look_at_some(campaign=campaign, until=until)) is not None:
            number += flags
    return number


@audit.atomic
def _look_at_some(*, campaign: Campaign, until: datetime) -> int | None:
    """The next visits; None when there are no more."""
    require_open(campaign.pk)
    TruthLook.objects.get_or_create(campaign=campaign)
    look = TruthLook.objects.select_for_update().get(campaign=campaign)
    rows, reached = _next(campaign, look, until)
    if not rows:
        return None
    found = [
        *_by_day(campaign, rows),
        *_by_text(campaign, rows),
        *_by_text_of_several(campaign, rows),
        *_by_night(campaign, rows),
    ]
    _keep(campaign, found)
    TruthLook.objects.filter(pk=look.pk).update(looked_at=timezone.now(), **reached)
    return len(found)


def _next(
    campaign: Campaign, look: TruthLook, until: datetime
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The visits to look at, and how far that is: new ones, then those corrected since.

    A correction takes no hint away: what stood there was seen.
    """
    fresh = _of(campaign).filter(pk__gt=look.last_visit, received_at__lt=until)
    rows = list(fresh.order_by("pk").values(*_COLUMNS)[:VISITS_AT_ONCE])
    if rows:
        return rows, {"last_visit": rows[-1]["pk"]}
    versions = VisitVersion.objects.filter(
        visit__target__campaign=campaign, pk__gt=look.last_version, replaced_at__lt=until
    )
    corrected = dict(versions.order_by("pk").values_list("pk", "visit")[:VISITS_AT_ONCE])
    if not corrected:
        return [], {}
    rows = list(_of(campaign).filter(pk__in=set(corrected.values())).values(*_COLUMNS))
    return rows, {"last_version": max(corrected)}


_COLUMNS = ("pk", "author", "author__unit", "entered_by", "visited_on", "received_at", "text_key")


def _of(campaign: Campaign) -> Any:
    return Visit.objects.filter(target__campaign=campaign)


def _by_day(campaign: Campaign, rows: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """All visits of the days on which something came, person by person."""
    wanted = {(row["author"], row["visited_on"]) for row in rows}
    visits = _of(campaign).filter(
        author__in={author for author, _ in wanted}, visited_on__in={day for _, day in wanted}
    )
    days: dict[tuple[int, date], list[Any]] = defaultdict(list)
    columns = ("pk", "author", "visited_on", "began", "way", "received_at", "entered_by")
    for row in visits.values_list(*columns, named=True):
        if (row.author, row.visited_on) in wanted:
            days[row.author, row.visited_on].append(row)
    for (author, day), of_day in sorted(days.items()):
        seen = _seen(of_day)
        about = day.toordinal()
        for kind, keys in (
            (FlagKind.OVERLAP, overlapping(seen)),
            (FlagKind.CROWDED, crowded(seen)),
        ):
            if keys:
                yield Found(kind, author, about, frozenset(keys))


def _seen(rows: Sequence[Any]) -> list[Seen]:
    """The visits of one person on one day."""
    entered = times_entered(
        [
            Entered(row.visited_on, timezone.localtime(row.received_at), row.entered_by is None)
            for row in rows
        ]
    )
    return [
        Seen(row.pk, row.visited_on, row.began, row.way, at and at.replace(tzinfo=None))
        for row, at in zip(rows, entered, strict=True)
    ]


def _by_text(campaign: Campaign, rows: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """The same words of one person about two targets; found along an index."""
    wanted = {(row["author"], row["text_key"]) for row in rows if row["text_key"] is not None}
    visits = _of(campaign).filter(
        author__in={author for author, _ in wanted}, text_key__in={key for _, key in wanted}
    )
    alike: dict[tuple[int, int], list[Words]] = defaultdict(list)
    for key, *said in visits.values_list("text_key", *_SAID):
        words = Words(*said)
        if (words.author, key) in wanted:
            alike[words.author, key].append(words)
    for (author, key), same in sorted(alike.items()):
        if keys := repeated(same):
            yield Found(FlagKind.SAME_TEXT, author, key, frozenset(keys))


_SAID = ("pk", "author", "target", "visited_on", "way")


def _by_text_of_several(campaign: Campaign, rows: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """The same words of several people of one unit or one team, about several targets.

    Read along an index from the words; of other units and teams nothing is read.
    """
    fresh = {row["text_key"] for row in rows if row["text_key"] is not None}
    if not fresh:
        return
    units = {row["author__unit"] for row in rows} - {None}
    own = Membership.objects.filter(
        team__campaign=campaign, user__in={row["author"] for row in rows}
    )
    mates = Membership.objects.filter(team__in=own.values("team")).values("user")
    visits = _of(campaign).filter(
        Q(author__unit__in=units) | Q(author__in=mates), text_key__in=fresh
    )
    said: dict[int, list[tuple[int | None, Words]]] = defaultdict(list)
    for key, unit, heard, *each in visits.values_list("text_key", "author__unit", "heard", *_SAID):
        if len(letters_of(heard)) >= TELLING_TOGETHER:
            said[key].append((unit, Words(*each)))
    teams = _teams(campaign, {words.author for some in said.values() for _, words in some})
    for key, some in sorted(said.items()):
        yield from _of_several(key, some, teams)


def _of_several(
    key: int, said: Sequence[tuple[int | None, Words]], teams: dict[int, set[int]]
) -> Iterator[Found]:
    """One hint for each unit or team; those that begin with the same person are one."""
    circles: dict[tuple[str, int], list[Words]] = defaultdict(list)
    for unit, words in said:
        if unit is not None:
            circles["unit", unit].append(words)
        for team in teams.get(words.author, ()):
            circles["team", team].append(words)
    hints: dict[int, set[int]] = defaultdict(set)
    for _, same in sorted(circles.items()):
        if len({words.author for words in same}) > 1:
            hints[min(same, key=lambda words: words.key).author] |= repeated(same)
    for author, keys in sorted(hints.items()):
        if keys:
            yield Found(FlagKind.TEAM_TEXT, author, key, frozenset(keys))


def _teams(campaign: Campaign, people: set[int]) -> dict[int, set[int]]:
    """The teams of the campaign to which each belongs; nobody is left out."""
    found: dict[int, set[int]] = {person: set() for person in people}
    ordered = sorted(people)
    for start in range(0, len(ordered), VISITS_AT_ONCE):
        some = ordered[start : start + VISITS_AT_ONCE]
        pairs = Membership.objects.filter(team__campaign=campaign, user__in=some)
        for person, team in pairs.order_by().values_list("user", "team"):
            found[person].add(team)
    return found


def _by_night(campaign: Campaign, rows: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """Many visits that one person entered in one night, for himself or for others."""
    nights = {night for row in rows if (night := _night(row["received_at"]))}
    entered: dict[tuple[int, date], set[int]] = defaultdict(set)
    for night in sorted(nights):
        came = _of(campaign).filter(received_at__range=_span(night))
        for pk, author, by, at in came.values_list("pk", "author", "entered_by", "received_at"):
            if _night(at) == night:
                entered[by or author, night].add(pk)
    fresh = {(row["entered_by"] or row["author"], _night(row["received_at"])) for row in rows}
    for (person, night), keys in sorted(entered.items()):
        if (person, night) in fresh and len(keys) >= MANY_AT_NIGHT:
            yield Found(FlagKind.NIGHT, person, night.toordinal(), frozenset(keys))


def _night(received: datetime) -> date | None:
    return night_of(timezone.localtime(received))


def _span(night: date) -> tuple[datetime, datetime]:
    begins = datetime.combine(night, NIGHT_BEGINS)
    ends = datetime.combine(night + timedelta(days=1), NIGHT_ENDS)
    return timezone.make_aware(begins), timezone.make_aware(ends)


def _keep(campaign: Campaign, found: Sequence[Found]) -> None:
    """The hints with their visits; one that is there already grows."""
    if not found:
        return
    places = dict(_places(found))
    days = dict(_days(found))
    paths = {each.key: common_path([places[pk] for pk in each.visits]) for each in found}
    flags = [
        TruthFlag(
            campaign=campaign,
            kind=each.kind,
            author_id=each.author,
            about=each.about,
            day=max(days[pk] for pk in each.visits),
            area_id=int(paths[each.key].strip("/").rpartition("/")[2] or campaign.area_id),
            number=len(each.visits),
        )
        for each in found
    ]
    TruthFlag.objects.bulk_create(
        flags,
        batch_size=FLAGS_AT_ONCE,
        update_conflicts=True,
        update_fields=["day", "area", "number"],
        unique_fields=["campaign", "kind", "author", "about"],
    )
    through = TruthFlag.visits.through
    links = [
        through(truthflag_id=pk, visit_id=visit)
        for each, pk in _kept(campaign, found)
        for visit in sorted(each.visits)
    ]
    through.objects.bulk_create(links, batch_size=LINKS_AT_ONCE, ignore_conflicts=True)


def _kept(campaign: Campaign, found: Sequence[Found]) -> Iterator[tuple[Found, int]]:
    """Each with the key of its row."""
    by_key = {each.key: each for each in found}
    for start in range(0, len(found), FLAGS_AT_ONCE):
        some = found[start : start + FLAGS_AT_ONCE]
        same = Q(author__in={each.author for each in some}, about__in={e.about for e in some})
        rows = TruthFlag.objects.filter(same, campaign=campaign)
        wanted = {each.key for each in some}
        for pk, kind, author, about in rows.values_list("pk", "kind", "author", "about"):
            if (kind, author, about) in wanted:
                yield by_key[kind, author, about], pk


def _places(found: Iterable[Found]) -> Iterator[tuple[int, str]]:
    for some in _keys(found):
        yield from Visit.objects.filter(pk__in=some).values_list("pk", "target__area__path")


def _days(found: Iterable[Found]) -> Iterator[tuple[int, date]]:
    for some in _keys(found):
        yield from Visit.objects.filter(pk__in=some).values_list("pk", "visited_on")


def _keys(found: Iterable[Found]) -> Iterator[list[int]]:
    keys = sorted({pk for each in found for pk in each.visits})
    for start in range(0, len(keys), LINKS_AT_ONCE):
        yield keys[start : start + LINKS_AT_ONCE]
