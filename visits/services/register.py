"""Additions to the register: one writer for new targets, whoever brings them."""

from collections.abc import Mapping, Sequence

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from organisation.models import Area, User
from visits.choices import TargetKind, TargetState
from visits.coverage import locality_of
from visits.models import Target
from visits.services.counters import KEYS_PER_QUERY, count_more, levels_of


@audit.atomic
def add_targets(*, campaign: Campaign, targets: Sequence[Target], actor: User | None) -> int:
    """Add new targets to the register, all or nothing, and count them as waiting."""
    require_open(campaign.pk)
    localities = _localities()
    for target in targets:
        target.locality = localities[target.area_id]
    Target.objects.bulk_create(targets, batch_size=500)
    count_more(campaign, targets, TargetState.PENDING)
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


def _localities() -> dict[int, str]:
    """Of every area; a grid without a settlement of its own is like its village. One query."""
    rows = {pk: (path, kind) for pk, path, kind in Area.objects.values_list(*_PLACED)}
    return {pk: _locality(rows, path) for pk, (path, _) in rows.items()}


def _locality(rows: Mapping[int, tuple[str, str]], path: str) -> str:
    own, *above = reversed([locality_of(rows[key][1]) for key in levels_of(path)])
    return own or next(iter(above), "")


_PLACED = ("pk", "path", "settlement")
