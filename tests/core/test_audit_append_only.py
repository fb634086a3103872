"""The database refuses to change an audit row; without the trigger it would obey."""

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from core import append_only, audit
from core.audit_check import verify
from core.models import AuditEntry, AuditHead
from organisation.models import User

TABLE = "core_auditentry"
REPLACE = (
    "INSERT OR REPLACE INTO core_auditentry"
    " (id, at, act, subject, detail, address, algorithm, previous, hash)"
    " SELECT id, at, 'test.forged', subject, detail, address, algorithm, previous, hash"
    " FROM core_auditentry WHERE id = 2"
)
UPSERT = (
    "INSERT INTO core_auditentry"
    " (id, at, act, subject, detail, address, algorithm, previous, hash)"
    " SELECT id, at, act, subject, detail, address, algorithm, previous, hash"
    " FROM core_auditentry WHERE id = 2"
    " ON CONFLICT (id) DO UPDATE SET act = 'test.forged'"
)
ATTACKS = {
    "update": "UPDATE core_auditentry SET act = 'test.forged' WHERE id = 2",
    "delete": "DELETE FROM core_auditentry WHERE id = 2",
    "delete all": "DELETE FROM core_auditentry",
    "replace": REPLACE,
    "upsert": UPSERT,
    "truncate": "TRUNCATE core_auditentry",
}
ONLY_ON = {"replace": "sqlite", "truncate": "postgresql"}


@pytest.fixture(params=ATTACKS)
def attack(request: pytest.FixtureRequest, db: None) -> str:
    """A statement that changes the trail; some exist on one database only."""
    if ONLY_ON.get(request.param, connection.vendor) != connection.vendor:
        pytest.skip(f"{request.param} belongs to {ONLY_ON[request.param]}")
    return ATTACKS[request.param]


@pytest.fixture
def trail(db: None) -> None:
    user = User.objects.create(username="a", name="甲")
    for _ in range(3):
        audit.record_alone(actor=user, act="test.act", subject=user)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def rows() -> list[tuple[int, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("id", "act"))


UNTOUCHED = [(1, "test.act"), (2, "test.act"), (3, "test.act")]


@pytest.mark.usefixtures("trail")
def test_a_row_cannot_be_changed(attack: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(attack)
    assert rows() == UNTOUCHED


@pytest.mark.usefixtures("trail")
def test_without_the_triggers_it_could(attack: str) -> None:
    append_only.remove(connection, TABLE)
    if attack == UPSERT and connection.vendor == "sqlite":
        attack = attack.replace("WHERE id = 2 ON", "WHERE id = 2 AND true ON")
    run(attack)
    assert rows() != UNTOUCHED


@pytest.mark.usefixtures("trail")
def test_the_product_itself_cannot_either() -> None:
    attempts: list[Callable[[], object]] = [
        lambda: AuditEntry.objects.get(pk=2).save(),
        lambda: AuditEntry.objects.get(pk=2).delete(),
        lambda: AuditEntry.objects.update(act="test.forged"),
        lambda: AuditEntry.objects.all().delete(),
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            attempt()
    assert rows() == UNTOUCHED


def test_a_session_that_switches_triggers_off_is_refused_too(trail: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no such switch")
    run("SET LOCAL session_replication_role = replica")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(ATTACKS["update"])


def test_a_disabled_trigger_is_no_guard(db: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite cannot disable a trigger")
    assert TABLE in append_only.guarded(connection)
    run(f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_append_only_change")
    assert TABLE not in append_only.guarded(connection)


def test_installing_and_removing_can_be_repeated(db: None) -> None:
    for _ in range(2):
        append_only.remove(connection, TABLE)
        assert TABLE not in append_only.guarded(connection)
    append_only.install(connection, TABLE)
    assert TABLE in append_only.guarded(connection)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("forwards", [True, False])
def test_what_a_migration_lifts_it_puts_back(forwards: bool) -> None:
    """On SQLite alone: PostgreSQL alters a table with its triggers on it."""
    lifted = connection.vendor == "sqlite"
    operations = append_only.lifted(TABLE)
    away, back = (
        [each.code for each in operations]
        if forwards
        else [each.reverse_code for each in reversed(operations)]
    )
    with connection.schema_editor() as editor:
        away(apps, editor)
        assert (TABLE in append_only.guarded(connection)) is not lifted
        back(apps, editor)
    assert TABLE in append_only.guarded(connection)


@pytest.mark.django_db(transaction=True)
def test_triggers_of_other_tables_that_read_it_are_lifted_too() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL lifts none")
    away, back = append_only.lifted("visits_callback")
    with connection.schema_editor() as editor:
        before = triggers()
        away.code(apps, editor)
        gone = before - triggers()
        assert {table for table, _ in gone} > {"visits_callback"}
        assert all("visits_callback" not in sql for _, sql in triggers())
        back.code(apps, editor)
        assert triggers() == before


def triggers() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        return set(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_turn", range(2))
def test_every_test_with_commits_begins_with_the_guards_and_an_empty_chain(_turn: int) -> None:
    """Even after a test that left them removed."""
    assert TABLE in append_only.guarded(connection)
    assert verify().faults == []
    user = User.objects.create(username="a", name="甲")
    audit.record_alone(actor=user, act="test.act", subject=user)
    assert (AuditHead.objects.get().number, len(rows())) == (1, 1)
    append_only.remove(connection, TABLE)


# --- an installation that has rows already -------------------------------------

BEFORE = [("core", "0001_initial")]
AFTER = [("core", "0004_audit_append_only")]


@pytest.fixture
def earlier_version(transactional_db: None) -> Iterator[MigrationExecutor]:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_rows_of_an_earlier_version_are_chained(earlier_version: MigrationExecutor) -> None:
    earlier = earlier_version.loader.project_state(BEFORE).apps.get_model("core", "AuditEntry")
    earlier.objects.bulk_create(
        earlier(id=3 * n, act=f"test.act{n}", subject="test.Thing:1", detail={"n": n})
        for n in range(1, 2502)
    )
    times = list(earlier.objects.order_by("id").values_list("at", flat=True))
    executor = MigrationExecutor(connection)
    executor.migrate(AFTER)
    found = list(AuditEntry.objects.order_by("id").values_list("id", "act", "at"))
    assert found == [(n, f"test.act{n}", times[n - 1]) for n in range(1, 2502)]
    assert verify().faults == []
    with pytest.raises(IntegrityError):
        run(ATTACKS["delete"])
