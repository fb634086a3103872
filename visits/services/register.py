"""Additions to the register: one writer for new targets, whoever brings them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from django.utils import timezone

from campaign.models import Campaign
from campaign.services import Refused, require_open
from core import audit, crypto
from core.bulk import insert_rows
from core.fields import EncryptedField
from organisation.models import Area, User
from visits.choices import SMALL, ChangeKind, TargetKind, TargetState
from visits.coverage import locality_of
from visits.models import Freeze, RegisterChange, Target, TargetQuerySet
from visits.queries.denominator import current_freeze
from visits.register.rows import Entry
from visits.services.counters import (
    KEYS_PER_QUERY,
    Class,
    count_classes,
    count_more,
    levels_of,
)

COLUMNS = (
    "campaign",
    "kind",
    "code",
    "name",
    "area",
    "address",
    "phone",
    "phone_index",
    "members",
    "above_scale",
    "industrial",
    "size",
    "status",
    "locality",
    "state",
)

JOINS_AT_ONCE = 60  # SQLite takes 999 parameters
NEEDS_REASON = "登记册的分母已经核定，新增对象要写明原因。"


@audit.atomic
def add_targets(
    *, campaign: Campaign, targets: Sequence[Target], actor: User | None, reason: str = ""
) -> int:
    """Add new targets to the register, all or nothing, and count them as waiting.

    After the register was frozen each is a change of it with this reason, and none is added
    without one: Refused (domain §1.3, the denominator).
    """
    require_open(campaign.pk)
    frozen, before = _freeze_to_join(campaign, reason), _last_key()
    localities = localities_by_area()
    for target in targets:
        target.locality = localities[target.area_id]
    Target.objects.bulk_create(targets, batch_size=500)
    if frozen:  # visits wait for the counters, so these come last
        _note_joins(campaign, frozen, before, reason, actor)
    count_more(campaign, targets, TargetState.PENDING)
    audit.record(actor=actor, act="visits.add_targets", subject=campaign, number=len(targets))
    return len(targets)


class Sealing:
    """Makes entries rows of the table: what is slow of the writing, done before it."""

    def __init__(self, campaign: Campaign, kind: TargetKind) -> None:
        self.campaign, self.kind = campaign, kind
        self.numbers: Counter[Class] = Counter()
        self._localities = localities_by_area()
        self.begin_batch()

    def begin_batch(self) -> None:
        """Take the keys as they are now."""
        self._address, self._phone = (crypto.sealer(_label(n)) for n in ("address", "phone"))
        self._index = crypto.indexer(_label("phone"))

    def row(self, entry: Entry) -> tuple[Any, ...]:
        """The entry under COLUMNS; it is counted, too."""
        locality = self._localities[entry.area_id]
        small = entry.size in SMALL
        key = (entry.area_id, self.kind, entry.above_scale, entry.industrial, small, locality)
        self.numbers[Class(*key)] += 1
        return (
            self.campaign.pk,
            self.kind.value,
            entry.code,
            entry.name,
            entry.area_id,
            self._address(entry.address),
            self._phone(entry.phone),
            self._index(entry.phone),
            entry.members,
            entry.above_scale,
            entry.industrial,
            entry.size,
            entry.status,
            locality,
            TargetState.PENDING.value,
        )


@audit.atomic
def add_rows(
    *,
    campaign: Campaign,
    batches: Iterable[Sequence[tuple[Any, ...]]],
    numbers: Mapping[Class, int],
    actor: User | None,
    reason: str = "",
) -> int:
    """Add rows that ``Sealing`` made as ``add_targets`` adds targets.

    Raises IntegrityError when one has been registered in the meantime.
    """
    require_open(campaign.pk)
    frozen, before = _freeze_to_join(campaign, reason), _last_key()
    for batch in batches:
        insert_rows(Target, COLUMNS, batch)
    if frozen:
        _note_joins(campaign, frozen, before, reason, actor)
    count_classes(campaign, numbers, TargetState.PENDING)
    number = sum(numbers.values())
    audit.record(actor=actor, act="visits.add_targets", subject=campaign, number=number)
    return number


@audit.atomic
def add_phones(
    *, campaign: Campaign, kind: TargetKind, phones: Mapping[str, str], actor: User | None
) -> int:
    """Give registered targets the telephone number they lack, by code; one that has one keeps it.

    The numbers do not go into the audit trail.
    """
    require_open(campaign.pk)
    register = Target.objects.filter(campaign=campaign, kind=kind, phone="")
    keys, changed = _keys_of(register, list(phones)), 0
    for start in range(0, len(keys), KEYS_PER_QUERY):
        some = register.filter(pk__in=keys[start : start + KEYS_PER_QUERY]).order_by("pk")
        targets = list(some.select_for_update(no_key=True))
        for target in targets:
            target.phone = phones[target.code]
        changed += Target.objects.bulk_update(targets, ["phone"], batch_size=200)
    if changed:
        audit.record(actor=actor, act="visits.add_phones", subject=campaign, number=changed)
    return changed


def _keys_of(register: TargetQuerySet, codes: Sequence[str]) -> list[int]:
    """Of the entries with these codes, in the order in which everybody takes targets."""
    keys: list[int] = []
    for start in range(0, len(codes), KEYS_PER_QUERY):
        some = register.filter(code__in=codes[start : start + KEYS_PER_QUERY])
        keys += some.values_list("pk", flat=True)
    return sorted(keys)


def held_freeze(campaign: Campaign) -> Freeze | None:
    """The freeze in force, with the register held: one addition or change at a time.

    A visit does not wait for it.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    return current_freeze(campaign)


def _freeze_to_join(campaign: Campaign, reason: str) -> Freeze | None:
    frozen = held_freeze(campaign)
    if frozen and not reason.strip():
        raise Refused(NEEDS_REASON)
    return frozen


def _last_key() -> int:
    """Of the whole register: what is added has a higher one."""
    return Target.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _note_joins(
    campaign: Campaign, frozen: Freeze, before: int, reason: str, actor: User | None
) -> None:
    """A change for each entry of the campaign that came after the one of that key."""
    now = timezone.now()
    added = Target.objects.filter(campaign=campaign, pk__gt=before).order_by("pk")
    changes = (
        RegisterChange(
            campaign=campaign,
            freeze=frozen,
            kind=ChangeKind.JOIN,
            target_id=key,
            target_kind=kind,
            area_to_id=area,
            reason=reason.strip(),
            actor=actor,
            at=now,
        )
        for key, kind, area in added.values_list("pk", "kind", "area").iterator(chunk_size=2000)
    )
    while some := list(islice(changes, JOINS_AT_ONCE)):
        RegisterChange.objects.bulk_create(some)


def _label(name: str) -> str:
    field = Target._meta.get_field(name)
    assert isinstance(field, EncryptedField)
    return field.label


def localities_by_area() -> dict[int, str]:
    """Of every area; a grid without a settlement of its own is like its village. One query."""
    rows = {pk: (path, kind) for pk, path, kind in Area.objects.values_list(*_PLACED)}
    return {pk: _locality(rows, path) for pk, (path, _) in rows.items()}


def _locality(rows: Mapping[int, tuple[str, str]], path: str) -> str:
    own, *above = reversed([locality_of(rows[key][1]) for key in levels_of(path)])
    return own or next(iter(above), "")


_PLACED = ("pk", "path", "settlement")
