"""Whatever is done to the audit rows behind the product's back is found and named."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from core import append_only, audit, audit_check, audit_heads
from core.audit_chain import HASHED, Fault, Kind, digest
from core.models import AuditEntry, AuditHead
from organisation.models import User

TAMPERINGS = 1000
LENGTH = 24
KEPT = (8, 16, 24)  # after these entries a head was kept outside
TABLE = "core_auditentry"
COLUMNS = (*HASHED, "hash")


@pytest.fixture(params=["sha256", "sm3"])
def algorithm(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.AUDIT_HASH = request.param
    return str(request.param)


@pytest.fixture
def chain(db: None, settings: Settings) -> None:
    """A trail of two people, whose triggers somebody has taken away."""
    write(LENGTH)
    append_only.remove(connection, TABLE)


@pytest.fixture
def guards_are_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was done to the rows counts here."""
    monkeypatch.setattr(audit_check, "_unguarded", list)


def write(number: int) -> None:
    people = [User.objects.create(username=name, name="甲") for name in ("a", "b")]
    for place in range(1, number + 1):
        actor = people[place % 2]
        audit.record_alone(actor=actor, act=f"test.act{place}", subject=people[0], row=place)
        if place in KEPT:
            audit_heads.keep_head()


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def found() -> list[Fault]:
    return audit_check.verify().faults


def kinds() -> list[tuple[Kind, int]]:
    return [(fault.kind, fault.number) for fault in found()]


# --- the attacks --------------------------------------------------------------

Attack = Callable[[Random], None]


def stored(column: str, value: object) -> object:
    """A value as the column takes it in SQL."""
    if column == "at":
        return connection.ops.adapt_datetimefield_value(value)
    return json.dumps(value) if column == "detail" else value


def other_value(entry: AuditEntry, column: str, random: Random) -> object:
    if column == "at":
        return entry.at + timedelta(microseconds=random.randrange(1, 10**9))
    if column == "actor_id":
        people = User.objects.exclude(pk=entry.actor_id).values_list("pk", flat=True)
        return random.choice([*people, None])
    if column == "detail":
        return random.choice([{}, {"row": entry.detail["row"] + 1}, entry.detail | {"x": None}])
    if column == "algorithm":
        return "sm3" if entry.algorithm == "sha256" else "sha256"
    if column in {"previous", "hash"}:
        return random.choice(["", f"{random.getrandbits(256):064x}"])
    return f"{getattr(entry, column)[:30]}{random.randrange(10)}"


def edit(random: Random, columns: tuple[str, ...] = COLUMNS[1:]) -> int:
    place, column = random.randrange(1, LENGTH + 1), random.choice(columns)
    value = other_value(AuditEntry.objects.get(pk=place), column, random)
    sql(f"UPDATE {TABLE} SET {column} = %s WHERE id = %s", stored(column, value), place)
    return place


def rehash(place: int, *, previous: str | None = None) -> str:
    """Make the hash of a row fit again, as the product would have."""
    entry = AuditEntry.objects.get(pk=place)
    entry.previous = entry.previous if previous is None else previous
    entry.hash = digest(entry)
    sql(
        f"UPDATE {TABLE} SET previous = %s, hash = %s WHERE id = %s",
        entry.previous,
        entry.hash,
        place,
    )
    return entry.hash


CONTENT = ("at", "actor_id", "act", "subject", "detail", "address")


def edit_and_rehash(random: Random) -> None:
    rehash(edit(random, CONTENT))


def delete(random: Random) -> None:
    first = random.randrange(1, LENGTH)
    last = random.randrange(first, LENGTH)
    sql(f"DELETE FROM {TABLE} WHERE id BETWEEN %s AND %s", first, last)


def two_places(random: Random) -> tuple[int, int]:
    one, two = random.sample(range(1, LENGTH + 1), 2)
    return one, two


def swap_rows(random: Random) -> None:
    one, two = two_places(random)
    for now, then in ((one, 0), (two, one), (0, two)):
        sql(f"UPDATE {TABLE} SET id = %s WHERE id = %s", then, now)


def swap_contents(random: Random) -> None:
    one, two = (AuditEntry.objects.get(pk=place) for place in two_places(random))
    for entry, other in ((one, two), (two, one)):
        values = [stored(column, getattr(other, column)) for column in CONTENT]
        columns = ", ".join(f"{column} = %s" for column in CONTENT)
        sql(f"UPDATE {TABLE} SET {columns} WHERE id = %s", *values, entry.pk)


def cut(random: Random) -> int:
    left = random.randrange(0, LENGTH)
    sql(f"DELETE FROM {TABLE} WHERE id > %s", left)
    return left


def cut_with_head(random: Random) -> None:
    set_head(cut(random))


def set_head(number: int) -> None:
    last = AuditEntry.objects.filter(pk=number).first()
    sql("UPDATE core_audithead SET number = %s, hash = %s", number, last.hash if last else "")


def insert(place: int, like: AuditEntry, previous: str) -> None:
    forged = SimpleNamespace(**{column: getattr(like, column) for column in COLUMNS})
    forged.id, forged.act, forged.previous = place, "test.forged", previous
    forged.hash = digest(forged)
    values = [stored(column, getattr(forged, column)) for column in COLUMNS]
    marks = ", ".join(["%s"] * len(COLUMNS))
    sql(f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES ({marks})", *values)


def forge_at_the_end(random: Random) -> None:
    last = AuditEntry.objects.get(pk=LENGTH)
    place = LENGTH + random.randrange(1, 4)
    insert(place, last, last.hash)


def forge_instead(random: Random) -> None:
    """Take a row out and put one in its place that fits its predecessor."""
    entry = AuditEntry.objects.get(pk=random.randrange(1, LENGTH + 1))
    sql(f"DELETE FROM {TABLE} WHERE id = %s", entry.pk)
    insert(entry.pk, entry, entry.previous)


def forge_between(random: Random) -> None:
    """Move the later rows on by one, head included, and put a row into the gap."""
    place = random.randrange(1, LENGTH + 1)
    for number in range(LENGTH, place - 1, -1):
        sql(f"UPDATE {TABLE} SET id = %s WHERE id = %s", number + 1, number)
    after = AuditEntry.objects.get(pk=place + 1)
    insert(place, after, after.previous)
    set_head(LENGTH + 1)


def rewrite(random: Random) -> None:
    """Edit a row and make every hash after it anew, the head's too."""
    place = edit(random, CONTENT)
    previous: str | None = None
    for number in range(place, LENGTH + 1):
        previous = rehash(number, previous=previous)
    set_head(LENGTH)


INSIDE: list[Attack] = [
    edit,
    edit_and_rehash,
    delete,
    swap_rows,
    swap_contents,
    cut,
    forge_at_the_end,
    forge_instead,
    forge_between,
]
OUTSIDE: list[Attack] = [cut_with_head, rewrite]  # only the heads kept outside contradict
ATTACKS = INSIDE + OUTSIDE


@dataclass
class Trial:
    """One attack, and what the check said of it."""

    attack: Attack
    seed: int
    faults: list[Fault]


def trials(number: int, attacks: list[Attack] = ATTACKS) -> Iterator[Trial]:
    """Every attack in turn, each on the untouched trail."""
    for seed in range(number):
        attack = attacks[seed % len(attacks)]
        with transaction.atomic():
            attack(Random(seed))
            yield Trial(attack, seed, found())
            transaction.set_rollback(True)


@pytest.mark.usefixtures("algorithm", "chain", "guards_are_not_missed")
def test_every_one_of_a_thousand_tamperings_is_found() -> None:
    """Half of them on a trail with each algorithm."""
    assert found() == []
    missed = [
        (trial.attack.__name__, trial.seed) for trial in trials(TAMPERINGS // 2) if not trial.faults
    ]
    assert missed == []
    assert found() == []


@pytest.mark.usefixtures("guards_are_not_missed")
def test_without_the_hashes_only_gaps_are_found(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control off: the same attacks on rows that are numbered but not chained."""
    monkeypatch.setattr("core.audit_chain.digest", lambda entry: "0" * 64)
    monkeypatch.setattr(f"{__name__}.digest", lambda entry: "0" * 64)
    request.getfixturevalue("chain")
    without_trace: list[Attack] = [
        edit_and_rehash,
        swap_rows,
        swap_contents,
        forge_instead,
        rewrite,
    ]
    monkeypatch.setattr("core.audit_chain.BEGINNING", "0" * 64)
    sql(f"UPDATE {TABLE} SET previous = hash")
    assert found() == []
    noticed = [trial.seed for trial in trials(100, without_trace) if trial.faults]
    assert noticed == []
    assert all(trial.faults for trial in trials(30, [delete, cut, forge_at_the_end]))


@pytest.mark.usefixtures("chain", "guards_are_not_missed")
def test_without_the_heads_outside_a_whole_new_chain_is_not_found(settings: Settings) -> None:
    settings.AUDIT_HEADS_FILE.unlink()
    assert [trial.seed for trial in trials(60, OUTSIDE) if trial.faults] == []
    assert all(trial.faults for trial in trials(90, INSIDE))


# --- what is said -------------------------------------------------------------


@pytest.mark.usefixtures("chain", "guards_are_not_missed")
class TestEachFaultIsNamed:
    """By its kind and the number of the entry."""

    def test_edited(self) -> None:
        sql(f"UPDATE {TABLE} SET act = 'test.other' WHERE id = 5")
        assert found() == [Fault(Kind.EDITED, 5, "第 5 条被改动：内容与校验值不符。")]

    def test_edited_with_a_new_hash(self) -> None:
        sql(f"UPDATE {TABLE} SET act = 'test.other' WHERE id = 5")
        rehash(5)
        text = "第 6 条与前一条接不上：第 5 条或更早的内容被改写过。"
        assert found() == [Fault(Kind.REWRITTEN, 6, text)]

    def test_missing(self) -> None:
        sql(f"DELETE FROM {TABLE} WHERE id BETWEEN 5 AND 7")
        assert found() == [Fault(Kind.MISSING, 5, "第 5 至 7 条缺失。")]

    def test_swapped(self) -> None:
        sql(f"UPDATE {TABLE} SET id = 0 WHERE id = 5")
        sql(f"UPDATE {TABLE} SET id = 5 WHERE id = 9")
        sql(f"UPDATE {TABLE} SET id = 9 WHERE id = 0")
        assert [fault.text for fault in found()] == [
            "第 5 条被调换：它原是第 9 条。",
            "第 9 条被调换：它原是第 5 条。",
        ]

    def test_moved_to_the_end(self) -> None:
        sql(f"UPDATE {TABLE} SET id = 25 WHERE id = 5")
        assert [fault.text for fault in found()] == [
            "第 5 条缺失。",
            "第 25 条不在链上（链尾登记到第 24 条），是伪造的。",
            "第 25 条被调换：它原是第 5 条。",
        ]

    def test_forged(self) -> None:
        last = AuditEntry.objects.get(pk=LENGTH)
        insert(25, last, last.hash)
        text = "第 25 条不在链上（链尾登记到第 24 条），是伪造的。"
        assert found() == [Fault(Kind.FORGED, 25, text)]

    @pytest.mark.parametrize("number", [0, -7])
    def test_forged_before_the_beginning(self, number: int) -> None:
        insert(number, AuditEntry.objects.get(pk=1), "")
        text = f"编号为「{number}」的一条不在链上，是伪造的。"
        assert found() == [Fault(Kind.FORGED, 0, text)]

    @pytest.mark.parametrize(("left", "lost"), [(23, "第 24 条"), (21, "第 22 至 24 条")])
    def test_cut(self, left: int, lost: str) -> None:
        sql(f"DELETE FROM {TABLE} WHERE id > %s", left)
        text = f"末尾被截断：{lost}不在了（链尾登记到第 24 条）。"
        assert found() == [Fault(Kind.CUT, left + 1, text)]

    def test_cut_with_its_head(self) -> None:
        sql(f"DELETE FROM {TABLE} WHERE id > 21")
        set_head(21)
        [fault] = found()
        assert (fault.kind, fault.number) == (Kind.CUT, 22)
        assert fault.text.endswith("在库外留存的链尾是第 24 条）。")

    def test_written_anew(self) -> None:
        sql(f"UPDATE {TABLE} SET act = 'test.other' WHERE id = 10")
        previous: str | None = None
        for number in range(10, LENGTH + 1):
            previous = rehash(number, previous=previous)
        set_head(LENGTH)
        first, second = found()
        assert (first.kind, first.number, second.number) == (Kind.REWRITTEN, 16, 24)
        assert first.text.startswith("第 16 条的校验值与 ")
        assert first.text.endswith(" 在库外留存的不同：第 9 至 16 条中有内容被改写过。")

    def test_the_head_changed(self) -> None:
        sql("UPDATE core_audithead SET hash = %s", "0" * 64)
        assert kinds() == [(Kind.HEAD, 24)]

    def test_the_head_gone(self) -> None:
        sql("DELETE FROM core_audithead")
        assert kinds() == [(Kind.HEAD, 0)]

    def test_everything_gone(self) -> None:
        sql(f"DELETE FROM {TABLE}")
        assert kinds() == [(Kind.CUT, 1)]

    def test_so_many_that_the_list_ends(self) -> None:
        sql("UPDATE core_audithead SET number = 4000")
        for number in range(25, 400, 3):
            insert(number, AuditEntry.objects.get(pk=1), "")
        assert found()[-1] == Fault(Kind.MORE, 0, "已列出 100 处，其余不再逐条列出。")

    @pytest.mark.parametrize("column", ["at", "detail", "algorithm", "id"])
    def test_what_only_sqlite_stores_is_no_way_to_stop_the_check(self, column: str) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL takes no text for a time or a number")
        sql("PRAGMA ignore_check_constraints = ON")
        sql(f"UPDATE {TABLE} SET {column} = '!' WHERE id = 5")
        sql("PRAGMA ignore_check_constraints = OFF")
        place = (Kind.FORGED, 0) if column == "id" else (Kind.EDITED, 5)
        assert place in kinds()


@pytest.mark.usefixtures("chain")
def test_the_missing_triggers_are_named() -> None:
    text = "数据库里禁止改写审计记录的触发器不在了或已停用，请查明是谁取消的。"
    assert found() == [Fault(Kind.UNGUARDED, 0, text)]
    append_only.install(connection, TABLE)
    assert found() == []


# --- the hash itself ----------------------------------------------------------


def entry(**changes: Any) -> SimpleNamespace:
    return SimpleNamespace(
        **{
            "id": 7,
            "at": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
            "actor_id": None,
            "act": "test.act",
            "subject": "test.Thing:1",
            "detail": {"b": [1, True, None], "a": "甲"},
            "address": "10.1.2.3",
            "algorithm": "sha256",
            "previous": "",
        }
        | changes
    )


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("sha256", "05386664636d738fb2a0b29af65ba0eb152034c47250d4f0e37998d37da66444"),
        ("sm3", "e16bdaea066cb4b5fd4e2a7a801261d609d96b4f066ab9a4fe3348b204cf99f7"),
    ],
)
def test_the_canonical_form_never_changes(algorithm: str, expected: str) -> None:
    """Rows written years ago are checked with it."""
    assert digest(entry(algorithm=algorithm)) == expected


def test_a_trail_may_change_its_algorithm(db: None, settings: Settings) -> None:
    user = User.objects.create(username="a", name="甲")
    for settings.AUDIT_HASH in ("sha256", "sm3", "sha256"):
        audit.record_alone(actor=user, act="test.act", subject=user, token=secrets.token_hex(4))
    used = list(AuditEntry.objects.order_by("id").values_list("algorithm", flat=True))
    assert (used, found()) == (["sha256", "sm3", "sha256"], [])
    assert AuditHead.objects.get().number == 3
