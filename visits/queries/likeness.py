"""Entries of the register that others may be the same as."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from campaign.models import Campaign
from core.crypto import blind_indexes
from core.fields import BlindIndexField
from organisation.models import User
from organisation.scope import scope_of
from visits.choices import Likeness, TargetKind
from visits.models import Target, TargetQuerySet
from visits.register.names import place_and_name
from visits.register.places import Gazetteer
from visits.register.rows import Entry
from visits.rules import KEEPERS

KEYS_AT_ONCE = 800  # SQLite takes 999 parameters, the scope has some of them
TOLD_OF_ONE = 3  # entries that resemble one row


class Resembled(NamedTuple):
    """An entry of the register that a row resembles; the name is masked."""

    row: int
    likeness: Likeness
    key: int
    code: str
    name: str


def registered_alike(
    user: User,
    campaign: Campaign,
    kind: TargetKind,
    entries: Sequence[Entry],
    gazetteer: Gazetteer,
) -> list[Resembled]:
    """What the entries resemble in the register under other codes, in their order.

    Nearly the same name in the same village or a grid of it, or the same telephone; only of the
    areas that the person keeps, since the rest of the register is not theirs to read. From
    indexes, some queries for each 800 entries.
    """
    own = Target.objects.filter(scope_of(user).areas(KEEPERS), campaign=campaign, kind=kind)
    register = own.registered().order_by("id")
    found = [*_by_name(register, kind, entries, gazetteer), *_by_phone(register, entries)]
    return sorted(found, key=lambda each: (each.row, each.likeness, each.key))


def _by_name(
    register: TargetQuerySet, kind: TargetKind, entries: Iterable[Entry], gazetteer: Gazetteer
) -> Iterator[Resembled]:
    if kind == TargetKind.VILLAGE:
        return  # the area table knows no slips of the pen
    wanted: dict[str, list[Entry]] = {}
    for entry in entries:
        village = entry.village_id or entry.area_id
        if entry.name and village:
            _, _, folded = place_and_name(village, entry.name).partition(":")
            for area_id in gazetteer.areas_of(village):
                wanted.setdefault(f"{area_id}:{folded}", []).append(entry)
    keys = list(wanted)
    for some in _parts(keys):
        yield from _resembled(register.filter(alike__in=some), "alike", wanted, Likeness.KNOWN_NAME)


def _by_phone(register: TargetQuerySet, entries: Iterable[Entry]) -> Iterator[Resembled]:
    """A number has one index for each key in use, while keys are changed."""
    field = Target._meta.get_field("phone_index")
    assert isinstance(field, BlindIndexField)
    wanted: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.phone:
            for index in blind_indexes(entry.phone, field.source.label):
                wanted.setdefault(index, []).append(entry)
    for some in _parts(list(wanted)):
        rows = register.filter(phone_index__in=some)
        yield from _resembled(rows, "phone_index", wanted, Likeness.KNOWN_PHONE)


def _resembled(
    rows: TargetQuerySet, by: str, wanted: dict[str, list[Entry]], likeness: Likeness
) -> Iterator[Resembled]:
    told: dict[int, int] = {}
    for target in rows.only("kind", "code", "name", by).iterator(chunk_size=2000):
        for entry in wanted[getattr(target, by)]:
            number = told.setdefault(entry.row, 0)
            if target.code != entry.code and number < TOLD_OF_ONE:
                told[entry.row] = number + 1
                yield Resembled(entry.row, likeness, target.pk, target.code, target.masked_name)


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE))
