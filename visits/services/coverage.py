"""Counting the register anew, to prove or mend the counters."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from django.db.models import Count

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from visits.choices import SMALL, TargetState
from visits.models import CoverageCount, Target
from visits.services.counters import Class, rolled_up

States = dict[str, int]
_GROUPED = ("area_id", "kind", "above_scale", "industrial", "size", "locality", "state")


@audit.atomic
def recount_coverage(*, campaign: Campaign) -> int:
    """Count the register anew and mend the counters; returns how many were wrong.

    Of an archived campaign the counters are all that is left: PermissionDenied.
    """
    require_open(campaign.pk)
    true, wrong = true_counts(campaign), 0
    for counter in CoverageCount.objects.filter(campaign=campaign):
        states = true.pop(_class_of(counter), _NONE)
        if _states_of(counter) != states:
            CoverageCount.objects.filter(pk=counter.pk).update(**states)
            wrong += 1
    missing = [CoverageCount(campaign=campaign, **k._asdict(), **s) for k, s in true.items()]
    CoverageCount.objects.bulk_create(missing, batch_size=50)
    return wrong + len(missing)


def true_counts(campaign: Campaign) -> dict[Class, States]:
    """What every counter ought to say: one pass over the register."""
    by_state: dict[str, Counter[Class]] = defaultdict(Counter)
    rows = Target.objects.filter(campaign=campaign).order_by().values_list(*_GROUPED)
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
