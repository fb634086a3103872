"""Reads on the frozen register and on what has happened to it since."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Collate

from campaign.models import Campaign
from organisation.models import User
from organisation.scope import scope_of
from visits.choices import Locality, TargetKind, TargetState
from visits.models import (
    CoverageCount,
    Freeze,
    FrozenCount,
    RegisterChange,
    RegisterUpload,
    Target,
    Visit,
    VisitQuerySet,
)
from visits.rules import KEEPERS

STATES = tuple(TargetState.values)
LINES_AT_ONCE = 5000
_BYTEWISE = {"postgresql": "C", "sqlite": "BINARY"}  # one order, whatever the server's language
_SPLITS = ("above_scale", "industrial", "size", "locality")

Placed = Counter[tuple[int, str]]  # by area and kind


def current_freeze(campaign: Campaign) -> Freeze | None:
    """The freeze in force; None while the register is still open."""
    return Freeze.objects.filter(campaign=campaign).order_by("-number").first()


def needs_reason(upload: RegisterUpload) -> bool:
    """Whether what an upload adds comes to a denominator that is fixed."""
    return bool(upload.report.get("new")) and current_freeze(upload.campaign) is not None


def register_lines(campaign: Campaign) -> Iterator[str]:
    """Kind, code, area and splits of each entry that counts, in the order of their bytes."""
    code = Collate("code", _BYTEWISE[connection.vendor])
    rows: Any = Target.objects.filter(campaign=campaign).registered()
    rows = rows.order_by(Collate("kind", _BYTEWISE[connection.vendor]), code)
    found = rows.values_list("kind", "code", "area__code", *_SPLITS)
    for each in found.iterator(chunk_size=LINES_AT_ONCE):
        yield "\t".join(str(int(v)) if isinstance(v, bool) else v for v in each) + "\n"


def fingerprint(campaign: Campaign) -> tuple[int, str]:
    """How many entries count, and the SHA-256 of their lines."""
    digest, number = sha256(), 0
    for line in register_lines(campaign):
        digest.update(line.encode())
        number += 1
    return number, digest.hexdigest()


def counts_of(campaign: Campaign) -> dict[str, int]:
    """The numbers of the campaign's register by kind and by split, from the counters."""
    found: Counter[str] = Counter(dict.fromkeys(TargetKind.values, 0))
    rows: Any = CoverageCount.objects.filter(campaign=campaign, area=campaign.area_id)
    for row in rows:
        number = sum(getattr(row, state) for state in STATES)
        for part in (row.kind, *_parts_of(row)):
            found[part] += number
    return dict(sorted(found.items()))


def _parts_of(row: CoverageCount) -> Iterator[str]:
    if row.kind == TargetKind.ENTERPRISE:
        yield "above_scale" if row.above_scale else "below_scale"
        yield "industrial" if row.industrial else "not_industrial"
        yield "small" if row.small else "not_small"
    yield f"{row.kind}_{row.locality or 'unplaced'}"


def label_of_part(part: str) -> str:
    """What a key of ``Freeze.counts`` is called."""
    kind, _, place = part.rpartition("_")
    if part in _NAMES:
        return _NAMES[part]
    return f"{TargetKind(kind).label}·{_PLACES[place]}" if kind else TargetKind(part).label


_NAMES = {
    "above_scale": "企业·规上",
    "below_scale": "企业·规下",
    "industrial": "企业·工业",
    "not_industrial": "企业·其他行业",
    "small": "企业·小微",
    "not_small": "企业·大中型和未填规模",
}
_PLACES = {str(value): label for value, label in Locality.choices} | {"unplaced": "城乡未定"}


def registered_by_area(campaign: Campaign) -> Placed:
    """By the counters, in each area with all below it; one query."""
    rows: Any = CoverageCount.objects.filter(campaign=campaign)
    found: Placed = Counter()
    for area, kind, *numbers in rows.values_list("area", "kind", *STATES):
        found[area, kind] += sum(numbers)
    return found


def frozen_by_area(freeze: Freeze) -> Placed:
    """The same as it was when it was frozen."""
    rows = FrozenCount.objects.filter(freeze=freeze).values_list("area", "kind", "registered")
    return Counter({(area, kind): number for area, kind, number in rows})


def changed_since(freeze: Freeze) -> Placed:
    """How many more there are since, by the area itself; its own only, two queries."""
    found: Placed = Counter()
    for field, sign in (("area_to", 1), ("area_from", -1)):
        rows = freeze.changes.exclude(**{field: None}).order_by()
        for area, kind, number in rows.values_list(field, "target_kind").annotate(n=Count("pk")):
            found[area, kind] += sign * number
    return found


def changes_of(campaign: Campaign, user: User) -> QuerySet[RegisterChange]:
    """What has happened to the register of the keeper's areas, the newest first."""
    own = scope_of(user).areas(KEEPERS, field="target__area")
    return RegisterChange.objects.filter(own, campaign=campaign).order_by("-id")


def changes_about(target: Target) -> QuerySet[RegisterChange]:
    """What has happened to one entry, also as the one that was split or that stayed."""
    about = Q(target=target) | Q(other=target)
    return RegisterChange.objects.filter(about).order_by("-id")


def last_change(target: Target) -> int:
    """The key of the last thing that happened to the entry; 0 where nothing has.

    What somebody decides on is the entry as it was after that.
    """
    return changes_about(target).values_list("id", flat=True).first() or 0


def visits_of(target: Target) -> VisitQuerySet:
    """All visits to the entry, with those to entries that were the same one.

    One query for those entries' keys: an OR over both tables reads all of the visits.
    """
    same = Target.objects.filter(merged_into=target).values_list("pk", flat=True)
    return Visit.objects.filter(target__in=[target.pk, *same])
