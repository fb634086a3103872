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
from visits.models import TruthFlag, TruthLook, Visit
from visits.truth import (
    MANY_AT_NIGHT,
    NIGHT_BEGINS,
    NIGHT_ENDS,
    Seen,
    common_path,
    crowded,
    night_of,
    overlapping,
)

VISITS_AT_ONCE = 400  # their authors and days stand in one statement; SQLite takes 999 parameters
FLAGS_AT_ONCE = 60
LINKS_AT_ONCE = 400


@dataclass(frozen=True)
class Found:
    """Visits of one person that have something in common."""

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
    fresh = _of(campaign).filter(pk__gt=look.last_visit, received_at__lt=until)
    rows = list(fresh.order_by("pk").values(*_COLUMNS)[:VISITS_AT_ONCE])
    if not rows:
        return None
    found = [*_by_day(campaign, rows), *_by_text(campaign, rows), *_by_night(campaign, rows)]
    _keep(campaign, found)
    TruthLook.objects.filter(pk=look.pk).update(last_visit=rows[-1]["pk"], looked_at=timezone.now())
    return len(found)


_COLUMNS = ("pk", "author", "entered_by", "visited_on", "received_at", "text_key")


def _of(campaign: Campaign) -> Any:
    return Visit.objects.filter(target__campaign=campaign)


def _by_day(campaign: Campaign, rows: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """All visits of the days on which something came, person by person."""
    wanted = {(row["author"], row["visited_on"]) for row in rows}
    visits = _of(campaign).filter(
        author__in={author for author, _ in wanted}, visited_on__in={day for _, day in wanted}
    )
    days: dict[tuple[int, date], list[Seen]] = defaultdict(list)
    for pk, author, day, began, way in visits.values_list(
        "pk", "author", "visited_on", "began", "way"
    ):
        if (author, day) in wanted:
            days[author, day].append(Seen(pk, day, began, way))
    for (author, day), seen in sorted(days.items()):
        about = day.toordinal()
        for kind, keys in (
            (FlagKind.OVERLAP, overlapping(seen)),
            (FlagKind.CROWDED, crowded(seen)),
        ):
            if keys:
                yield Found(kind, author, about, frozenset(keys))


def _by_text(campaign: Campaign, rows: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """The same words of one person about two targets; found along an index."""
    wanted = {(row["author"], row["text_key"]) for row in rows if row["text_key"] is not None}
    visits = _of(campaign).filter(
        author__in={author for author, _ in wanted}, text_key__in={key for _, key in wanted}
    )
    alike: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for pk, author, key, target in visits.values_list("pk", "author", "text_key", "target"):
        if (author, key) in wanted:
            alike[author, key][pk] = target
    for (author, key), targets in sorted(alike.items()):
        if len(set(targets.values())) > 1:
            yield Found(FlagKind.SAME_TEXT, author, key, frozenset(targets))


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
