"""Tables whose rows can be added but not changed: the database itself refuses.

The refusal holds for the product's own account too, and for a mistake in its code. Who may
alter tables can take the triggers away; ``verify_audit`` says when they are gone.

On SQLite a migration that alters such a table builds it anew and loses its triggers: let
``guard`` be the last operation of that migration again, or stand the two of ``lifted`` around it.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations import RunPython

_POSTGRESQL_FUNCTION = """
    CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
"""


def guard(table: str) -> RunPython:
    """The migration operation that makes the table append-only; its key is ``id``."""

    def install_triggers(apps: Any, schema_editor: Any) -> None:
        install(schema_editor.connection, table)

    def remove_triggers(apps: Any, schema_editor: Any) -> None:
        remove(schema_editor.connection, table)

    return RunPython(install_triggers, remove_triggers)


def freeze(table: str) -> RunPython:
    """The operation after which rows of the table stay as they were written.

    Unlike ``guard`` it lets a row be deleted, as archiving does.
    """

    def install_trigger(apps: Any, schema_editor: Any) -> None:
        install_frozen(schema_editor.connection, table)

    def remove_trigger(apps: Any, schema_editor: Any) -> None:
        thaw(schema_editor.connection, table)

    return RunPython(install_trigger, remove_trigger)


def lifted(table: str) -> tuple[RunPython, RunPython]:
    """The operations before and after an alteration of a table that triggers read or stand on.

    SQLite builds the table anew: it loses its own triggers, and breaks those of other tables that
    read it. The first takes them all away, the second puts the same back; reversed, likewise.
    """
    held: list[tuple[str, str]] = []

    def take_away(apps: Any, schema_editor: Any) -> None:
        if _is_postgresql(schema_editor.connection):
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_SQLITE_TOUCHING, [table, f"%{table} %"])
            held[:] = cursor.fetchall()
        for name, _ in held:
            schema_editor.execute(f"DROP TRIGGER {name}")

    def put_back(apps: Any, schema_editor: Any) -> None:
        if _is_postgresql(schema_editor.connection):
            return
        for _, definition in held:
            schema_editor.execute(definition, params=None)
        held.clear()

    return RunPython(take_away, put_back), RunPython(put_back, take_away)


_SQLITE_TOUCHING = """
    SELECT name, sql FROM sqlite_master
    WHERE type = 'trigger' AND (tbl_name = %s OR sql LIKE %s) ORDER BY name
"""


def install_frozen(connection: BaseDatabaseWrapper, table: str) -> None:
    """From now on the database refuses UPDATE of the table."""
    if not _is_postgresql(connection):
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        _run(connection, [f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} {refuse}"])
        return
    refuse = "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    _run(
        connection,
        [
            _POSTGRESQL_FUNCTION,
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} {refuse}",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_frozen",
        ],
    )


def thaw(connection: BaseDatabaseWrapper, table: str) -> None:
    """Let rows of the table be changed again."""
    place = f" ON {table}" if _is_postgresql(connection) else ""
    _run(connection, [f"DROP TRIGGER IF EXISTS {table}_frozen{place}"])


def install(connection: BaseDatabaseWrapper, table: str) -> None:
    """From now on the database refuses UPDATE, DELETE, TRUNCATE and REPLACE of the table."""
    _run(connection, _postgresql(table) if _is_postgresql(connection) else _sqlite(table))


def remove(connection: BaseDatabaseWrapper, table: str) -> None:
    """Let the table be changed again; nothing happens when it already may."""
    place = f" ON {table}" if _is_postgresql(connection) else ""
    _run(
        connection, [f"DROP TRIGGER IF EXISTS {name}{place}" for name in _names(connection, table)]
    )


def guarded(connection: BaseDatabaseWrapper) -> set[str]:
    """The tables that are append-only at present, with every trigger in place."""
    expected = len(_names(connection, ""))
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL_LIST if _is_postgresql(connection) else _SQLITE_LIST)
        return {table for table, number in cursor.fetchall() if number == expected}


_POSTGRESQL_LIST = """
    SELECT relname, count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgname LIKE '%append_only%' AND tgenabled = 'A' AND pg_table_is_visible(tgrelid)
    GROUP BY relname
"""
_SQLITE_LIST = """
    SELECT tbl_name, count(*) FROM sqlite_master
    WHERE type = 'trigger' AND name LIKE '%append_only%' GROUP BY tbl_name
"""


def _names(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    postgresql = ("change", "truncate")
    events = postgresql if _is_postgresql(connection) else ("update", "delete", "replace")
    return [f"{table}_append_only_{event}" for event in events]


def _postgresql(table: str) -> list[str]:
    """ALWAYS: also in a session that has switched ordinary triggers off."""
    name = f"{table}_append_only"
    refuse = "EXECUTE FUNCTION refuse_rewriting()"
    return [
        _POSTGRESQL_FUNCTION,
        f"CREATE TRIGGER {name}_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}_change",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}_truncate",
    ]


def _sqlite(table: str) -> list[str]:
    """INSERT OR REPLACE deletes without a DELETE trigger, so it has a trigger of its own."""
    name = f"{table}_append_only"
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    known = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 -- no input
    return [
        f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {name}_replace BEFORE INSERT ON {table} {known} {refuse}",
    ]


def _is_postgresql(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "postgresql"


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
