"""The audit trail as its administrator reads it: what people under the grant have done."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core import acts
from core.models import AuditEntry, AuditEntryQuerySet
from organisation.choices import Role, Tier
from organisation.models import Area, User
from organisation.scope import scope_of

READERS = frozenset({Role.AUDIT_ADMIN})


@dataclass(frozen=True)
class AuditCriteria:
    """What the trail is narrowed to; dates as written, so that a job can keep them."""

    act: str = ""
    person: str = ""
    since: str = ""
    until: str = ""
    words: str = ""

    @classmethod
    def read(cls, values: Mapping[str, object]) -> "AuditCriteria":
        """From a form or a stored job; what else stands there is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: str(value or "") for key, value in values.items() if key in known})

    @property
    def written(self) -> dict[str, str]:
        return {key: value for key, value in asdict(self).items() if value}

    def narrow(self, entries: AuditEntryQuerySet) -> AuditEntryQuerySet:
        """The entries among those whom all of it fits; the last day belongs to it."""
        begin = _midnight(self.since)
        end = _midnight(self.until, days=1)
        found = entries.between(begin, end).about(as_written(self.words))
        if self.act:
            found = found.of_act(self.act)
        if name := self.person.strip():
            named = Q(name__icontains=name) | Q(username__icontains=name)
            found = found.by(User.objects.filter(named).values("pk"))
        return found


def _midnight(day: str, days: int = 0) -> datetime | None:
    if not day:
        return None
    begin = datetime.combine(date.fromisoformat(day) + timedelta(days=days), time.min)
    return timezone.make_aware(begin)


def trail(viewer: User, criteria: AuditCriteria) -> AuditEntryQuerySet:
    """What people posted under the administrator's grant did.

    Acts of nobody, and of people without a unit, are read by who oversees a whole tree;
    who oversees every tree reads all. Asked row by row, newest first, so that a page ends
    after as many rows as it shows: a list of people would be sorted whole.
    """
    scope = scope_of(viewer)
    entries = AuditEntry.objects.select_related("actor__unit")
    trees = [scope.covers_area(top, *READERS) for top in Area.objects.filter(parent=None)]
    if trees and all(trees):
        return criteria.narrow(entries)
    actor = User.objects.filter(pk=OuterRef("actor_id"))
    seen = Q(Exists(actor.filter(scope.units(READERS))))
    if any(trees):
        seen |= Q(actor_id=None) | Q(Exists(actor.filter(unit=None)))
    return criteria.narrow(entries.filter(seen))


@dataclass(frozen=True)
class Line:
    """One entry in the words of the screen and of the file."""

    number: int
    at: datetime
    person: str
    username: str
    unit: str
    act: str
    subject: str
    address: str
    detail: str
    hash: str

    @property
    def short_subject(self) -> str:
        return shortened(self.subject)

    @property
    def short_detail(self) -> str:
        return shortened(self.detail)


def lines_of(entries: Sequence[AuditEntry]) -> list[Line]:
    """A page or a batch of entries; one query for the names of the people they are about."""
    names = _names_of(entries)
    return [_line_of(entry, names) for entry in entries]


def _names_of(entries: Sequence[AuditEntry]) -> dict[str, str]:
    label = User._meta.label
    keys = {key for each in entries for model, _, key in [each.subject.partition(":")]
            if model == label and key.isdecimal()}  # fmt: skip
    people = User.objects.filter(pk__in=keys).values_list("pk", "name")
    return {f"{label}:{pk}": name for pk, name in people}


def _line_of(entry: AuditEntry, names: Mapping[str, str]) -> Line:
    """Reads ``entry.actor.unit``."""
    actor: User | None = entry.actor
    return Line(
        number=entry.id,
        at=timezone.localtime(entry.at),
        person=actor.name if actor else "系统",
        username=actor.username if actor else "",
        unit=actor.unit.name if actor and actor.unit else "",
        act=acts.label_of(entry.act),
        subject=f"{subject_of(entry.subject)} {names.get(entry.subject, '')}".strip(),
        address=entry.address,
        detail=acts.detail_of(_in_words(entry.detail)),
        hash=entry.hash,
    )


def _in_words(detail: dict[str, object]) -> dict[str, object]:
    labels = {"role": dict(Role.choices), "tier": dict(Tier.choices)}
    return {key: labels.get(key, {}).get(str(value), value) for key, value in detail.items()}


def shortened(text: str) -> str:
    """Hashes and random numbers by their beginning, for reading; the file has them whole."""
    return _LONG.sub(lambda found: f"{found[0][:8]}…", text)


_LONG = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def as_written(words: str) -> str:
    """What stands in the trail for 人员 12: ``"organisation.User:12"``; other words stay."""
    found = _IN_WORDS.fullmatch(words.strip())
    labels = {str(model._meta.verbose_name): model._meta.label for model in apps.get_models()}
    if not found or found[1] not in labels:
        return words
    return f"{labels[found[1]]}:{found[2]}"


_IN_WORDS = re.compile(r"(\D+?)\s*(\d*)")


def subject_of(subject: str) -> str:
    """ "visits.Visit:12" as 走访 12; of a model that is gone, what stands in the trail."""
    label, _, key = subject.partition(":")
    try:
        name = apps.get_model(label)._meta.verbose_name
    except (LookupError, ValueError):
        return subject
    return f"{name} {key}"
