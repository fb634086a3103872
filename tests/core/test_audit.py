"""The audit trail goes with its act, or neither stays."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from core import audit
from core.audit_check import verify
from core.models import AuditEntry, AuditHead
from organisation.models import User
from tests.threads import shared_database, together

__all__ = ["shared_database"]

PARALLEL = 20


@pytest.fixture
def person(db: None) -> User:
    """Nobody's act: made without a service, so that the chain is empty."""
    return User.objects.create(username="person", name="甲")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create(username="stranger", name="乙")


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("act", flat=True))


def note(user: User, act: str) -> None:
    audit.record(actor=user, act=act, subject=user)


def refuse_insert() -> None:
    """From now on the database takes no audit row."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON core_auditentry"
                " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON core_auditentry"
                " BEGIN SELECT RAISE(ABORT, 'full'); END"
            )


# --- with the act or not at all ------------------------------------------------


@pytest.mark.parametrize("around", [nullcontext, transaction.atomic])
def test_refused_outside_of_an_act(
    person: User, around: Callable[[], AbstractContextManager[None]]
) -> None:
    with pytest.raises(RuntimeError, match=r"belongs into the audit\.atomic"), around():
        note(person, "test.act")
    assert acts() == []


@pytest.mark.django_db(transaction=True)
def test_rolled_back_with_its_act() -> None:
    user = User.objects.create(username="a", name="甲")

    @audit.atomic
    def rename() -> None:
        User.objects.filter(pk=user.pk).update(name="乙")
        note(user, "test.rename")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rename()
    user.refresh_from_db()
    assert (user.name, acts()) == ("甲", [])


@pytest.mark.django_db(transaction=True)
def test_written_at_the_end_of_the_outermost_block() -> None:
    user = User.objects.create(username="a", name="甲")

    @audit.atomic
    def inner() -> str:
        note(user, "test.inner")
        return "result"

    with audit.atomic():
        note(user, "test.before")
        assert inner() == "result"
        note(user, "test.after")
        assert acts() == []
    assert acts() == ["test.before", "test.inner", "test.after"]
    assert verify().faults == []


def test_a_failed_inner_block_drops_its_rows_alone(person: User) -> None:
    @audit.atomic
    def inner() -> None:
        note(person, "test.inner")
        with audit.atomic():
            note(person, "test.innermost")
        raise ZeroDivisionError

    with audit.atomic():
        note(person, "test.before")
        with pytest.raises(ZeroDivisionError):
            inner()
        note(person, "test.after")
    assert acts() == ["test.before", "test.after"]


def test_a_block_that_django_rolls_back_in_silence_leaves_no_row(person: User) -> None:
    """A caught database error marks the transaction; its block ends without an exception."""
    with audit.atomic(), audit.atomic():
        User.objects.create(username="other", name="乙")
        note(person, "test.act")
        transaction.set_rollback(True)
    assert (acts(), User.objects.filter(username="other").exists()) == ([], False)


def test_a_block_of_the_caller_takes_everything_along(person: User) -> None:
    def caller() -> None:
        with transaction.atomic():
            audit.record_alone(actor=person, act="test.act", subject=person)
            assert acts() == ["test.act"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        caller()
    assert (acts(), AuditHead.objects.get().number) == ([], 0)


def test_a_plain_block_inside_is_refused(person: User) -> None:
    """It could roll back while the row stays noted."""
    with audit.atomic():
        with pytest.raises(RuntimeError, match=r"not transaction\.atomic"), transaction.atomic():
            note(person, "test.act")
        with pytest.raises(RuntimeError, match=r"not transaction\.atomic"), transaction.atomic():
            audit.record_alone(actor=person, act="test.act", subject=person)
    assert acts() == []


def test_no_block_stays_open_after_an_error(person: User) -> None:
    with pytest.raises(ZeroDivisionError), audit.atomic():
        raise ZeroDivisionError
    with pytest.raises(RuntimeError):
        note(person, "test.act")


def test_the_act_fails_when_its_row_cannot_be_written(person: User) -> None:
    @audit.atomic
    def rename() -> None:
        User.objects.filter(pk=person.pk).update(name="乙")
        note(person, "test.rename")

    refuse_insert()
    with pytest.raises(IntegrityError):
        rename()
    person.refresh_from_db()
    assert (person.name, acts()) == ("甲", [])


def test_with_the_trail_off_the_same_act_would_stay(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_insert()
    monkeypatch.setattr(audit, "_append", lambda entries: None)
    with audit.atomic():
        User.objects.filter(pk=person.pk).update(name="乙")
        note(person, "test.rename")
    person.refresh_from_db()
    assert (person.name, acts()) == ("乙", [])


# --- what a row holds ---------------------------------------------------------


def test_record_alone_brings_its_own_transaction(person: User) -> None:
    before = timezone.now()
    audit.record_alone(actor=person, act="test.fetch", subject=person, file="名单.xlsx", parts=[1])
    entry = AuditEntry.objects.get()
    assert (entry.id, entry.actor, entry.act, entry.subject, entry.detail, entry.address) == (
        1,
        person,
        "test.fetch",
        f"organisation.User:{person.pk}",
        {"file": "名单.xlsx", "parts": [1]},
        "",
    )
    assert timedelta() <= entry.at - before < timedelta(minutes=1)


def test_an_act_of_the_system_has_no_actor(person: User) -> None:
    audit.record_alone(actor=None, act="test.system", subject=person)
    assert AuditEntry.objects.get(act="test.system").actor is None


@pytest.mark.parametrize("value", [0.5, float("nan"), [1, {"share": 2.0}], timezone.now()])
def test_numbers_that_a_database_rounds_are_refused(person: User, value: object) -> None:
    with pytest.raises(TypeError), audit.atomic():
        audit.record(actor=person, act="test.act", subject=person, share=value)
    assert acts() == []


def request_of(user: User, address: str = "10.1.2.3") -> HttpRequest:
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    request.user = user
    return request


def addresses() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("address", flat=True))


def test_the_address_goes_with_acts_of_the_person_who_asks(person: User, stranger: User) -> None:
    with audit.origin(request_of(person)):
        audit.record_alone(actor=person, act="test.own", subject=person)
        audit.record_alone(actor=stranger, act="test.other", subject=person)
        audit.record_alone(actor=None, act="test.system", subject=person)
    audit.record_alone(actor=person, act="test.later", subject=person)
    assert addresses() == ["10.1.2.3", "", "", ""]


def test_the_address_is_forgotten_when_the_request_fails(person: User) -> None:
    with pytest.raises(ZeroDivisionError), audit.origin(request_of(person)):
        raise ZeroDivisionError
    audit.record_alone(actor=person, act="test.later", subject=person)
    assert addresses() == [""]


# --- many at once -------------------------------------------------------------


@pytest.mark.usefixtures("shared_database")
def test_parallel_acts_make_one_chain_without_gaps() -> None:
    users = [User.objects.create(username=f"u{n}", name="甲") for n in range(PARALLEL)]

    def act(user: User) -> Callable[[], None]:
        @audit.atomic
        def run() -> None:
            User.objects.filter(pk=user.pk).update(name="乙")
            note(user, "test.one")
            note(user, "test.two")

        return run

    assert together([act(user) for user in users]) == [None] * PARALLEL
    numbers = list(AuditEntry.objects.order_by("id").values_list("id", flat=True))
    assert numbers == list(range(1, 2 * PARALLEL + 1))
    assert verify().faults == []


@pytest.mark.usefixtures("shared_database")
def test_without_the_lock_on_the_head_two_acts_take_the_same_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite: an act holds the only write lock from its beginning")
    user = User.objects.create(username="a", name="甲")
    both_have_read = Barrier(2)

    def unlocked_head() -> AuditHead:
        head = AuditHead.objects.get()
        both_have_read.wait(timeout=20)
        return head

    monkeypatch.setattr(audit, "_locked_head", unlocked_head)
    answers = together([lambda: audit.record_alone(actor=user, act="test.act", subject=user)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["IntegrityError", "NoneType"]
