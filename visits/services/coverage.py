"""Counting the register anew, to prove or mend the counters."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import require_open
from core import audit, notices
from core.notices import Message
from organisation.choices import Role
from organisation.models import Area
from organisation.queries import holders_today
from visits.choices import SMALL, Locality, TargetKind, TargetState
from visits.models import CoverageCount, Target
from visits.queries.denominator import (
    changed_since,
    current_freeze,
    frozen_by_area,
    registered_by_area,
)
from visits.services.counters import Class, hold_counters, levels_of, rolled_up

WHAT_TO_DO = (
    "运行 manage.py check_coverage 逐条查看，manage.py recount_coverage 按登记册重新清点。"
    "反复出现时请保留日志并报告。"
)

States = dict[str, int]
_GROUPED = ("area_id", "kind", "above_scale", "industrial", "size", "locality", "state")


@audit.atomic
def recount_coverage(*, campaign: Campaign) -> int:
    """Count the register anew and mend the counters; returns how many were wrong.

    Of an archived campaign the counters are all that is left: PermissionDenied.
    """
    require_open(campaign.pk)
    hold_counters(campaign)
    true, wrong = true_counts(campaign), 0
    for counter in CoverageCount.objects.filter(campaign=campaign):
        states = true.pop(_class_of(counter), _NONE)
        if _states_of(counter) != states:
            CoverageCount.objects.filter(pk=counter.pk).update(**states)
            wrong += 1
    missing = [CoverageCount(campaign=campaign, **k._asdict(), **s) for k, s in true.items()]
    CoverageCount.objects.bulk_create(missing, batch_size=50)
    return wrong + len(missing)


@dataclass(frozen=True)
class Fault:
    """A number that is not what it ought to be: of a counter, or of the denominator."""

    area_id: int
    what: str
    said: object
    true: object

    def text(self, names: Mapping[int, str]) -> str:
        return f"{names[self.area_id]}：{self.what}，现为 {self.said}，应为 {self.true}"


def check_coverage(campaign: Campaign) -> list[Fault]:
    """Every number of the coverage that is wrong; reads only.

    Visits that are saved meanwhile are no faults: what is wrong is so at a second look too.
    """
    found = _faults(campaign)
    if not found:
        return []
    again = set(_faults(campaign))
    return [fault for fault in found if fault in again]


def report_faults() -> int:
    """Tell the operators, once a day, when a counter of an open campaign is wrong; how many."""
    wrong = {
        campaign: len(check_coverage(campaign))
        for campaign in Campaign.objects.filter(archived_at=None).order_by("pk")
    }
    number = sum(wrong.values())
    if number:
        title = f"覆盖计数有 {number} 处不对"
        event = f"visits.miscounted:{timezone.localdate()}"
        page = reverse("reports:status")
        holders = holders_today(Role.SYSTEM_ADMIN).over.values()
        people = sorted({person for some in holders for person in some})
        notices.send(Message(event, person, title, WHAT_TO_DO, page) for person in people)
    return number


def area_names(campaign: Campaign) -> dict[int, str]:
    """What the areas of the campaign are called, with their codes."""
    areas = Area.objects.under(campaign.area).values_list("pk", "name", "code")
    return {pk: f"{name}（{code}）" for pk, name, code in areas}


def _faults(campaign: Campaign) -> list[Fault]:
    return [*_wrong_counters(campaign), *_wrong_denominators(campaign)]


def _wrong_counters(campaign: Campaign) -> Iterator[Fault]:
    true = true_counts(campaign)
    said = {_class_of(c): _states_of(c) for c in CoverageCount.objects.filter(campaign=campaign)}
    for each in sorted(true.keys() | said.keys()):
        if said.get(each, _NONE) != true.get(each, _NONE):
            yield Fault(
                each.area_id,
                _named(each),
                _in_words(said.get(each, _NONE)),
                _in_words(true.get(each, _NONE)),
            )


def _wrong_denominators(campaign: Campaign) -> Iterator[Fault]:
    """Frozen and joined without what left is registered: at every level, of each kind."""
    frozen = current_freeze(campaign)
    if frozen is None:
        return
    expected = frozen_by_area(frozen)
    paths = dict(Area.objects.values_list("pk", "path"))
    for (area, kind), number in changed_since(frozen).items():
        for level in levels_of(paths[area]):
            expected[level, kind] += number
    registered = registered_by_area(campaign)
    for area, kind in sorted(expected.keys() | registered.keys()):
        if expected[area, kind] != registered[area, kind]:
            what = f"{TargetKind(kind).label}登记数（核定数加新增减移出）"
            yield Fault(area, what, registered[area, kind], expected[area, kind])


def _named(each: Class) -> str:
    marks = [
        TargetKind(each.kind).label,
        "规上" if each.above_scale else "",
        "工业" if each.industrial else "",
        "小微" if each.small else "",
        Locality(each.locality).label if each.locality else "",
    ]
    return "·".join(filter(None, marks))


def _in_words(states: Mapping[str, int]) -> str:
    shown = [f"{TargetState(state).label} {n}" for state, n in states.items() if n]
    return "、".join(shown) or "0"


def true_counts(campaign: Campaign) -> dict[Class, States]:
    """What every counter ought to say: one pass over the register."""
    by_state: dict[str, Counter[Class]] = defaultdict(Counter)
    rows = Target.objects.filter(campaign=campaign).registered().order_by().values_list(*_GROUPED)
    for *key, size, locality, state, number in rows.annotate(number=Count("pk")):
        by_state[state][Class._make([*key, size in SMALL, locality])] += number
    found: dict[Class, States] = defaultdict(lambda: dict(_NONE))
    for state, numbers in by_state.items():
        for each, number in rolled_up(numbers).items():
            found[each][state] = number
    return found


_NONE: Mapping[str, int] = dict.fromkeys(TargetState.values, 0)


def _class_of(counter: CoverageCount) -> Class:
    return Class(*(getattr(counter, name) for name in Class._fields))


def _states_of(counter: CoverageCount) -> States:
    return {state: getattr(counter, state) for state in TargetState.values}
