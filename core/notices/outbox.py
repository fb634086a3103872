"""From the outbox to people: one digest a day by each way, under a lease, until it is sent.

Every step may be repeated and killed at any point; the rows say what is left. A digest of
the box is written in the transaction that settles it, so it comes exactly once. By another
way it may come twice, when a worker dies between sending and noting that it has sent.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from core import calendars
from core.choices import Way
from core.models import Channel, Digest, Notice, Reminder, Telling
from core.notices import reminders
from core.notices.delivery import CannotDeliver, Delivery

logger = logging.getLogger(__name__)
CLAIMED_BOX, CLAIMED_OUTSIDE = 500, 10  # digests under one lease
ATTEMPTS = 12
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=4)
WAITING, SENT, QUIET, FAILED = (
    Digest.State.WAITING,
    Digest.State.SENT,
    Digest.State.QUIET,
    Digest.State.FAILED,
)


class _Lost(Exception):
    """Another worker has it by now."""


### A day


def tell(now: datetime) -> None:
    """Look for the day's reminders once, and send what waits; nothing outside working hours."""
    if not is_open(now):
        return
    today = timezone.localdate(now)
    if claim := _claim_day(today):
        _make(today, claim)
    send(today)


def is_open(now: datetime) -> bool:
    """Whether people are told at this hour: on a working day, between morning and evening."""
    local = timezone.localtime(now)
    begin, end = settings.TELLING_HOURS
    return begin <= local.time() < end and calendars.current().is_workday(local.date())


def hours_text() -> str:
    """The working hours as people read them: 8:30–17:30."""
    begin, end = settings.TELLING_HOURS
    return f"{begin.hour}:{begin:%M}–{end.hour}:{end:%M}"


def _claim_day(day: date) -> uuid.UUID | None:
    """Take the day's search, unless it is done or another worker is at it."""
    now, claim = timezone.now(), uuid.uuid4()
    Telling.objects.bulk_create(
        [Telling(day=day, claim=claim, lease_until=now)], ignore_conflicts=True
    )
    free = Telling.objects.filter(day=day, made_at=None, lease_until__lte=now)
    return claim if free.update(claim=claim, lease_until=now + _lease()) else None


def _make(day: date, claim: uuid.UUID) -> None:
    reminders.put(day)
    digests = gather(day)
    held = Telling.objects.filter(day=day, claim=claim, made_at=None)
    held.update(made_at=timezone.now(), digests=digests)


### Gathering


def gather(day: date) -> int:
    """Bind what waits into each person's digest of that day; returns how many digests.

    Whoever has been told that day already is told the rest on the next.
    """
    return sum(_gather(some, day) for some in _people_waiting())


def _people_waiting() -> Iterator[list[int]]:
    """By their keys and not by one long cursor: gathering changes the rows it reads."""
    waiting = Reminder.objects.filter(digest=None, is_quiet=False, person__is_active=True)
    people = waiting.order_by("person").values_list("person", flat=True).distinct()
    last = 0
    while some := list(people.filter(person__gt=last)[: reminders.BATCH]):
        yield some
        last = some[-1]


@transaction.atomic
def _gather(people: Sequence[int], day: date) -> int:
    waiting = Reminder.objects.filter(person__in=people, digest=None, is_quiet=False)
    pairs = waiting.order_by("person", "way").values_list("person", "way").distinct()
    now = timezone.now()
    Digest.objects.bulk_create(
        (Digest(person_id=person, way=way, day=day, next_try_at=now) for person, way in pairs),
        ignore_conflicts=True,
    )
    untouched = Digest.objects.filter(day=day, person__in=people, state=WAITING, attempts=0)
    locked = len(untouched.select_for_update().values_list("pk"))  # nobody claims one meanwhile
    own = untouched.filter(person=OuterRef("person"), way=OuterRef("way"))
    waiting.update(digest=Subquery(own.values("pk")[:1]))
    return locked


### Sending


def send(day: date) -> int:
    """Send what waits, as long as there is any; returns how many digests people got.

    A way that does not answer is tried once in a run; what waits for it is put off.
    """
    sent = sum(_send_box(some) for some in _claims(Way.INBOX))
    delivery = Delivery()
    for way in Way.values:
        if way != Way.INBOX:
            sent += sum(_send(digest, delivery) for some in _claims(way) for digest in some)
    return sent


def _claims(way: str) -> Iterator[list[Digest]]:
    while some := _claim(way):
        yield some


def _claim(way: str) -> list[Digest]:
    now, claim = timezone.now(), uuid.uuid4()
    free = _waiting().filter(Q(claim=None) | Q(lease_until__lt=now), way=way, next_try_at__lte=now)
    first = free.order_by("next_try_at", "pk").values_list("pk", flat=True)
    keys = list(first[: CLAIMED_BOX if way == Way.INBOX else CLAIMED_OUTSIDE])
    free.filter(pk__in=keys).update(
        claim=claim, lease_until=now + _lease(), attempts=F("attempts") + 1
    )
    return list(_waiting().filter(claim=claim).select_related("person").order_by("pk"))


def _lease() -> timedelta:
    return timedelta(seconds=settings.TELLING_LEASE_SECONDS)


def _waiting() -> QuerySet[Digest]:
    return Digest.objects.filter(state=WAITING)


def _send_box(digests: Sequence[Digest]) -> int:
    """Write the messages and settle their digests in one transaction."""
    try:
        with transaction.atomic():
            lines = _lines(digests)
            told = [digest for digest in digests if lines[digest.pk]]
            _settle(told, state=SENT, sent_at=timezone.now())
            _settle([digest for digest in digests if not lines[digest.pk]], state=QUIET)
            Notice.objects.bulk_create(_notice(digest, lines[digest.pk]) for digest in told)
    except _Lost:
        return 0
    return len(told)


def _lines(digests: Sequence[Digest]) -> dict[int, list[Reminder]]:
    """What each digest has to say, without what was settled meanwhile, which goes quiet."""
    rows = list(
        Reminder.objects.filter(digest__in=digests, is_quiet=False).order_by("due_on", "pk")
    )
    kept = reminders.still_holding(rows)
    Reminder.objects.filter(pk__in=[row.pk for row in rows if row.pk not in kept]).update(
        is_quiet=True
    )
    lines: dict[int, list[Reminder]] = {digest.pk: [] for digest in digests}
    for row in rows:
        if row.pk in kept and row.digest_id is not None:
            lines[row.digest_id].append(row)
    return lines


def _notice(digest: Digest, lines: Sequence[Reminder]) -> Notice:
    return Notice(
        event=f"digest:{digest.day}",
        person_id=digest.person_id,
        title=f"今天有 {len(lines)} 项提醒：{summary_of(lines)}",
        digest=digest,
    )


def summary_of(lines: Sequence[Reminder]) -> str:
    """「问题整改 2 项、阶段任务 1 项」: what any way may carry, since it names nobody."""
    counts = Counter(reminders.noun_of(line.kind) for line in lines)
    return "、".join(f"{noun} {count} 项" for noun, count in sorted(counts.items()))


def _send(digest: Digest, delivery: Delivery) -> bool:
    """Deliver by a channel, outside of any transaction, and note how it went."""
    with transaction.atomic():
        lines = _lines([digest])[digest.pk]
    channel = Channel.objects.filter(person=digest.person_id, kind=digest.way).first()
    try:
        if not lines or channel is None or not digest.person.is_active:
            _settle([digest], state=QUIET)
            return False
        delivery.deliver(channel, digest, summary_of(lines), len(lines))
        _settle([digest], state=SENT, sent_at=timezone.now())
    except CannotDeliver as error:
        _put_off(digest, str(error))
        return False
    except _Lost:
        return False
    return True


def _settle(digests: Sequence[Digest], **values: object) -> None:
    """Set down the end of what this worker holds. Raises _Lost when it no longer does."""
    if not digests:
        return
    held = _waiting().filter(pk__in=[each.pk for each in digests], claim=digests[0].claim)
    if held.update(claim=None, lease_until=None, **values) != len(digests):
        raise _Lost


def _put_off(digest: Digest, reason: str) -> None:
    """Try again later, each time later still; after the last attempt it has failed."""
    logger.warning("digest %s was not taken: %s", digest.pk, reason)
    wait = min(FIRST_WAIT * 2 ** (digest.attempts - 1), LONGEST_WAIT)
    state = FAILED if digest.attempts >= ATTEMPTS else WAITING
    held = _waiting().filter(pk=digest.pk, claim=digest.claim)
    held.update(claim=None, lease_until=None, state=state, next_try_at=timezone.now() + wait)


### What stands still


def oldest_waiting() -> datetime | None:
    """Since when the longest waiting row has been there; None when all is told."""
    unbound = Reminder.objects.filter(digest=None, is_quiet=False, person__is_active=True)
    rows = [
        unbound.aggregate(at=Min("created_at"))["at"],
        _waiting().aggregate(at=Min("made_at"))["at"],
    ]
    return min((at for at in rows if at), default=None)


def try_again(*, person: models.Model, way: str) -> int:
    """Send what has failed for this person once more; returns how many digests."""
    failed = Digest.objects.filter(person_id=person.pk, way=way, state=FAILED)
    return failed.update(state=WAITING, attempts=0, next_try_at=timezone.now())
