"""The counters of coverage, and how they follow the targets (domain §1.3)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
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


def hold(*keys: int) -> list[Target]:
    """The targets as they are now, each with its area; nobody moves them until the commit.

    A visit takes its target before the counters, a change of the register likewise.
    """
    rows = Target.objects.select_for_update(of=("self",), no_key=True).select_related("area")
    return list(rows.filter(pk__in=keys).order_by("pk"))


def shift_counts(campaign: Campaign, shifts: Iterable[tuple[Class, str, int]]) -> None:
    """So many more (or fewer) of a class in a state, in its area and above.

    What cancels out, as in an area above both ends of a move, is not written.
    """
    by_state: dict[str, Counter[Class]] = {}
    for each, state, number in shifts:
        by_state.setdefault(state, Counter())[each] += number
    gains: dict[Class, dict[str, int]] = {}
    for state, numbers in by_state.items():
        for each, number in rolled_up(numbers).items():
            if number:
                gains.setdefault(each, {})[state] = number
    _begin_to_count(campaign, gains.keys())
    found = {pk: each for pk, each in _counters(campaign, gains) if each in gains}
    _hold_counters(found)
    for pk, each in found.items():
        moved = {state: F(state) + number for state, number in gains[each].items()}
        CoverageCount.objects.filter(pk=pk).update(**moved)


def hold_counters(campaign: Campaign) -> None:
    """All of the campaign: visits wait before they count, until the commit."""
    _hold_counters([pk for pk, _ in _counters(campaign)])


def count_more(campaign: Campaign, targets: Iterable[Target], state: str) -> None:
    """New targets of one state."""
    count_classes(campaign, Counter(map(class_of, targets)), state)


def count_classes(campaign: Campaign, new: Mapping[Class, int], state: str) -> None:
    """New targets of one state by class; counters that gain alike share a query."""
    numbers = rolled_up(new)
    _begin_to_count(campaign, numbers.keys())
    alike: dict[int, list[int]] = {}
    for pk, each in _counters(campaign, numbers):
        if each in numbers:
            alike.setdefault(numbers[each], []).append(pk)
    _hold_counters([pk for keys in alike.values() for pk in keys])
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


def _begin_to_count(campaign: Campaign, classes: Collection[Class]) -> None:
    missing = set(classes) - {each for _, each in _counters(campaign, classes)}
    CoverageCount.objects.bulk_create(
        [CoverageCount(campaign=campaign, **each._asdict()) for each in sorted(missing)],
        batch_size=KEYS_PER_QUERY // 9,
        ignore_conflicts=True,  # somebody else may have begun to count the class just now
    )


def _hold_counters(keys: Collection[int]) -> None:
    """In one order, so that two writers never wait for each other."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        some = CoverageCount.objects.filter(pk__in=ordered[start : start + KEYS_PER_QUERY])
        list(some.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _counters(
    campaign: Campaign, classes: Collection[Class] | None = None
) -> Iterator[tuple[int, Class]]:
    """Each counter's key and class, of few classes those of their areas; one query."""
    rows = CoverageCount.objects.filter(campaign=campaign)
    areas = {each.area_id for each in classes or ()}
    if 0 < len(areas) < KEYS_PER_QUERY:
        rows = rows.filter(area__in=areas)
    for pk, *found in rows.values_list("pk", *Class._fields):
        yield pk, Class(*found)
