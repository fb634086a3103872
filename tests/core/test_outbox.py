"""The outbox: every reminder once, one digest a day, in working hours, whoever dies at it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.choices import Addressee, Way
from core.models import Digest, Notice, Reminder, Telling
from core.notices import outbox, reminders
from core.notices.reminders import Due, Kind
from core.notices.steps import Span
from organisation.models import User
from tests.telling import at, box, lines, tell

MONDAY = date(2030, 3, 18)
SATURDAY = date(2030, 3, 16)


@pytest.fixture
def matters(monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[int, date]]:
    """Open matters by number: whose, and by when. The only kind that there is."""
    open_ones: dict[int, tuple[int, date]] = {}

    def find(span: Span) -> Iterator[Due]:
        for key, (person, day) in open_ones.items():
            if span.first <= day <= span.last:
                people = {Addressee.PERSON: (person,)}
                yield Due(key, f"事项{key}", f"/{key}/", day, lambda to, p=people: p.get(to, ()))

    def holding(rows: Sequence[Reminder]) -> list[int]:
        return [row.pk for row in rows if row.subject in open_ones]

    monkeypatch.setattr(reminders, "_kinds", {"matter": Kind("事项", find, holding)})
    return open_ones


@pytest.fixture
def two(person: User, matters: dict[int, tuple[int, date]]) -> dict[int, tuple[int, date]]:
    matters |= {1: (person.pk, MONDAY), 2: (person.pk, MONDAY + timedelta(days=1))}
    return matters


def test_one_digest_for_all_that_is_due(person: User, two: object) -> None:
    tell(MONDAY)
    assert box(person) == ["今天有 2 项提醒：事项 2 项"]
    assert [title for _, title in lines(person)] == ["事项1", "事项2"]


@pytest.mark.parametrize(
    ("day", "hour", "open_then"),
    [
        (MONDAY, 8, False),
        (MONDAY, 9, True),
        (MONDAY, 17, True),
        (MONDAY, 18, False),
        (SATURDAY, 10, False),
    ],
)
def test_nobody_is_told_outside_working_hours(
    person: User, two: object, day: date, hour: int, open_then: bool
) -> None:
    tell(day, hour)
    assert bool(box(person)) == open_then


def test_what_comes_up_after_the_digest_waits_for_the_next_day(person: User, two: dict) -> None:
    tell(MONDAY)
    two[3] = (person.pk, MONDAY)
    tell(MONDAY, 16)
    assert len(box(person)) == 1
    tell(MONDAY + timedelta(days=1))
    assert len(box(person)) == 2


def test_a_repeat_writes_nothing(person: User, two: object) -> None:
    for _ in range(3):
        reminders.put(MONDAY)
        outbox.gather(MONDAY)
        outbox.send(MONDAY)
    counts = Reminder.objects.count(), Digest.objects.count(), Notice.objects.count()
    assert counts == (2, 1, 1)


def test_the_database_refuses_a_second_row_of_an_event(person: User, two: object) -> None:
    reminders.put(MONDAY)
    row = Reminder.objects.first()
    assert row
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_the_database_refuses_a_second_digest_of_a_day(person: User, two: object) -> None:
    tell(MONDAY)
    digest = Digest.objects.get()
    digest.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        digest.save(force_insert=True)


@pytest.mark.parametrize("step", ["put", "gather", "_lines", "_settle"])
def test_whoever_dies_leaves_it_to_the_next(
    person: User, two: object, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Killed in the middle of any step, the next run makes it whole, once."""
    module = reminders if step == "put" else outbox
    with monkeypatch.context() as dying:
        dying.setattr(module, step, _die)
        with pytest.raises(KeyboardInterrupt):
            tell(MONDAY)
    _let_leases_run_out()
    tell(MONDAY)
    assert box(person) == ["今天有 2 项提醒：事项 2 项"]


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _let_leases_run_out() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Telling.objects.update(lease_until=past)
    Digest.objects.filter(claim__isnull=False).update(lease_until=past)


def test_what_another_worker_holds_is_left_alone(person: User, two: object) -> None:
    reminders.put(MONDAY)
    outbox.gather(MONDAY)
    (held,) = outbox._claim(Way.INBOX)
    assert outbox.send(MONDAY) == 0
    assert outbox._send_box([held]) == 1
    assert len(box(person)) == 1


def test_who_lost_the_lease_writes_nothing(person: User, two: object) -> None:
    """The slow one comes back after another has taken over: one message, not two."""
    reminders.put(MONDAY)
    outbox.gather(MONDAY)
    (slow,) = outbox._claim(Way.INBOX)
    _let_leases_run_out()
    assert outbox.send(MONDAY) == 1
    assert outbox._send_box([slow]) == 0
    assert Notice.objects.count() == 1


def test_without_the_claim_it_would_be_refused_by_the_constraint_only(
    person: User, two: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With settling switched off the second writer gets as far as the database's own refusal."""
    reminders.put(MONDAY)
    outbox.gather(MONDAY)
    (slow,) = outbox._claim(Way.INBOX)
    _let_leases_run_out()
    outbox.send(MONDAY)
    monkeypatch.setattr(outbox, "_settle", lambda *_, **__: None)
    with pytest.raises(IntegrityError), transaction.atomic():
        outbox._send_box([slow])


def test_the_day_is_looked_for_once(person: User, two: object) -> None:
    tell(MONDAY)
    made = Telling.objects.get()
    assert made.made_at
    assert made.digests == 1
    two.clear()  # type: ignore[attr-defined]
    assert outbox._claim_day(MONDAY) is None


def test_a_day_that_another_worker_looks_for_is_left_alone(two: object) -> None:
    assert outbox._claim_day(MONDAY)
    assert outbox._claim_day(MONDAY) is None
    _let_leases_run_out()
    assert outbox._claim_day(MONDAY)


def test_what_is_settled_meanwhile_goes_quiet(person: User, two: dict) -> None:
    reminders.put(MONDAY)
    outbox.gather(MONDAY)
    del two[1]
    outbox.send(MONDAY)
    assert box(person) == ["今天有 1 项提醒：事项 1 项"]
    assert Reminder.objects.get(subject=1).is_quiet


def test_nothing_is_sent_when_all_is_settled(person: User, two: dict) -> None:
    reminders.put(MONDAY)
    outbox.gather(MONDAY)
    two.clear()
    outbox.send(MONDAY)
    assert Digest.objects.get().state == Digest.State.QUIET
    assert Notice.objects.count() == 0


def test_how_long_the_oldest_has_waited(person: User, two: object) -> None:
    assert outbox.oldest_waiting() is None
    reminders.put(MONDAY)
    assert outbox.oldest_waiting() == Reminder.objects.earliest("created_at").created_at
    outbox.gather(MONDAY)
    assert outbox.oldest_waiting() == Digest.objects.get().made_at
    outbox.send(MONDAY)
    assert outbox.oldest_waiting() is None


def test_many_people_in_one_run_by_a_bounded_number_of_queries(
    db: None, matters: dict[int, tuple[int, date]], django_assert_max_num_queries: object
) -> None:
    """Statements grow by the batch, not by the person."""
    many = User.objects.bulk_create(User(username=f"p{n}", name="某人") for n in range(1500))
    matters |= {n: (person.pk, MONDAY) for n, person in enumerate(many, 1)}
    with django_assert_max_num_queries(130):  # type: ignore[operator]
        outbox.tell(at(MONDAY))
    assert Notice.objects.count() == 1500
