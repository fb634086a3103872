"""The counters of coverage, and how they follow the targets (domain §1.3)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from django.db.models import F

from campaign.models import Campaign
from organisation.models import Area
from visits.models import CoverageCount, Target

KEYS_PER_QUERY = 900  # SQLite takes 999 parameters


class Class(NamedTuple):
    """What a counter tells apart; 规上 and 小微 are two things (domain §4.2)."""

    area_id: int
    kind: str
    above_scale: bool
    industrial: bool
    small: bool
    locality: str


def class_of(target: Target) -> Class:
    return Class(
        target.area_id,
        target.kind,
        target.above_scale,
        target.industrial,
        target.is_small,
        target.locality,
    )


def levels_of(path: str) -> list[int]:
    """The areas that a target counts in: its own, the last, and every one above."""
    return [int(key) for key in path.strip("/").split("/")]


def move_count(target: Target, before: str, after: str) -> None:
    """The target from one state to another, in its area and above.

    The counters are taken in one order, so that two visits never wait for each other.
    """
    counted = class_of(target)._asdict() | {"area_id__in": levels_of(target.area.path)}
    del counted["area_id"]
    counters = CoverageCount.objects.filter(campaign_id=target.campaign_id, **counted)
    keys = counters.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)
    moved = {before: F(before) - 1, after: F(after) + 1}
    CoverageCount.objects.filter(pk__in=list(keys)).update(**moved)


def count_more(campaign: Campaign, targets: Iterable[Target], state: str) -> None:
    """New targets of one state."""
    count_classes(campaign, Counter(map(class_of, targets)), state)


def count_classes(campaign: Campaign, new: Mapping[Class, int], state: str) -> None:
    """New targets of one state by class; counters that gain alike share a query."""
    numbers = rolled_up(new)
    missing = numbers.keys() - {each for _, each in _counters(campaign)}
    CoverageCount.objects.bulk_create(
        [CoverageCount(campaign=campaign, **each._asdict()) for each in sorted(missing)],
        batch_size=KEYS_PER_QUERY // 9,
        ignore_conflicts=True,  # somebody else may have begun to count the class just now
    )
    alike: dict[int, list[int]] = {}
    for pk, each in _counters(campaign):
        if each in numbers:
            alike.setdefault(numbers[each], []).append(pk)
    for number, keys in sorted(alike.items()):
        for start in range(0, len(keys), KEYS_PER_QUERY):
            counters = CoverageCount.objects.filter(pk__in=keys[start : start + KEYS_PER_QUERY])
            counters.update(**{state: F(state) + number})


def rolled_up(numbers: Mapping[Class, int]) -> Counter[Class]:
    """The same with every area above; one query."""
    paths = dict(Area.objects.values_list("pk", "path"))
    found: Counter[Class] = Counter()
    for each, number in numbers.items():
        for area_id in levels_of(paths[each.area_id]):
            found[each._replace(area_id=area_id)] += number
    return found


def _counters(campaign: Campaign) -> Iterator[tuple[int, Class]]:
    """Each counter's key and class; one query."""
    rows = CoverageCount.objects.filter(campaign=campaign).values_list("pk", *Class._fields)
    for pk, *found in rows:
        yield pk, Class(*found)
