"""Additions to the register: one writer for new targets, whoever brings them."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from organisation.models import Area, User
from visits.choices import ChangeKind, TargetKind, TargetState
from visits.coverage import locality_of
from visits.models import Freeze, RegisterChange, Target
from visits.queries.denominator import current_freeze
from visits.services.counters import KEYS_PER_QUERY, count_more, levels_of

NEEDS_REASON = "登记册的分母已经核定，新增对象要写明原因。"


@audit.atomic
def add_targets(
    *, campaign: Campaign, targets: Sequence[Target], actor: User | None, reason: str = ""
) -> int:
    """Add new targets to the register, all or nothing, and count them as waiting.

    After the register was frozen each is a change of it with this reason, and none is added
    without one: PermissionDenied (domain §1.3, the denominator).
    """
    require_open(campaign.pk)
    frozen = held_freeze(campaign)
    reason = reason.strip()
    if frozen and not reason:
        raise PermissionDenied(NEEDS_REASON)
    localities = localities_by_area()
    for target in targets:
        target.locality = localities[target.area_id]
    Target.objects.bulk_create(targets, batch_size=500)
    count_more(campaign, targets, TargetState.PENDING)
    if frozen:
        _note_joins(campaign, frozen, targets, reason, actor)
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


def held_freeze(campaign: Campaign) -> Freeze | None:
    """The freeze in force, with the register held: one addition or change at a time.

    A visit does not wait for it.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    return current_freeze(campaign)


def _note_joins(
    campaign: Campaign,
    frozen: Freeze,
    targets: Sequence[Target],
    reason: str,
    actor: User | None,
) -> None:
    now = timezone.now()
    RegisterChange.objects.bulk_create(
        [
            RegisterChange(
                campaign=campaign,
                freeze=frozen,
                kind=ChangeKind.JOIN,
                target=target,
                target_kind=target.kind,
                area_to_id=target.area_id,
                reason=reason,
                actor=actor,
                at=now,
            )
            for target in targets
        ],
        batch_size=60,  # SQLite takes 999 parameters
    )


def localities_by_area() -> dict[int, str]:
    """Of every area; a grid without a settlement of its own is like its village. One query."""
    rows = {pk: (path, kind) for pk, path, kind in Area.objects.values_list(*_PLACED)}
    return {pk: _locality(rows, path) for pk, (path, _) in rows.items()}


def _locality(rows: Mapping[int, tuple[str, str]], path: str) -> str:
    own, *above = reversed([locality_of(rows[key][1]) for key in levels_of(path)])
    return own or next(iter(above), "")


_PLACED = ("pk", "path", "settlement")
