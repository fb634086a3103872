"""Additions to the register: one writer for new targets, whoever brings them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from django.db.models import F

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.choices import TargetKind
from visits.models import CoverageCount, Target

Class = tuple[int, str, bool, bool]  # village, kind, above scale, industrial
KEYS_PER_QUERY = 900  # SQLite takes 999 parameters


@audit.atomic
def add_targets(*, campaign: Campaign, targets: Sequence[Target], actor: User | None) -> int:
    """Add new targets to the register, all or nothing, and count them as waiting."""
    require_open(campaign.pk)
    Target.objects.bulk_create(targets, batch_size=500)
    _count_as_waiting(campaign, Counter(_class_of(target) for target in targets))
    audit.record(actor=actor, act="visits.add_targets", subject=campaign, number=len(targets))
    return len(targets)


@audit.atomic
def add_phones(
    *, campaign: Campaign, kind: TargetKind, phones: Mapping[str, str], actor: User | None
) -> int:
    """Give registered targets the telephone number they lack, by code; one that has one keeps it.

    The numbers do not go into the audit trail.
    """
    require_open(campaign.pk)
    codes, changed = list(phones), 0
    register = Target.objects.filter(campaign=campaign, kind=kind, phone="")
    for start in range(0, len(codes), KEYS_PER_QUERY):
        targets = list(register.filter(code__in=codes[start : start + KEYS_PER_QUERY]))
        for target in targets:
            target.phone = phones[target.code]
        changed += Target.objects.bulk_update(targets, ["phone"], batch_size=200)
    if changed:
        audit.record(actor=actor, act="visits.add_phones", subject=campaign, number=changed)
    return changed


def _count_as_waiting(campaign: Campaign, numbers: Mapping[Class, int]) -> None:
    """Raise the counters of each class by its number; villages that gain alike share a query."""
    missing = numbers.keys() - {found for _, found in _counters(campaign)}
    CoverageCount.objects.bulk_create(
        [
            CoverageCount(
                campaign=campaign,
                area_id=area_id,
                kind=kind,
                above_scale=above_scale,
                industrial=industrial,
            )
            for area_id, kind, above_scale, industrial in sorted(missing)
        ],
        batch_size=500,
        ignore_conflicts=True,  # somebody else may have begun to count the class just now
    )
    alike: dict[int, list[int]] = {}
    for pk, found in _counters(campaign):
        if found in numbers:
            alike.setdefault(numbers[found], []).append(pk)
    for number, keys in sorted(alike.items()):
        for start in range(0, len(keys), KEYS_PER_QUERY):
            counters = CoverageCount.objects.filter(pk__in=keys[start : start + KEYS_PER_QUERY])
            counters.update(pending=F("pending") + number)


def _counters(campaign: Campaign) -> Iterator[tuple[int, Class]]:
    """Each counter's key and class; one query."""
    columns = ("pk", "area_id", "kind", "above_scale", "industrial")
    for pk, *found in CoverageCount.objects.filter(campaign=campaign).values_list(*columns):
        yield pk, (found[0], found[1], found[2], found[3])


def _class_of(target: Target) -> Class:
    return target.area_id, target.kind, target.above_scale, target.industrial
