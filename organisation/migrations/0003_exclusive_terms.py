"""What holds between the rows of one person, on both databases.

The three administrators exclude one another and every other role at the same time; two
postings of a person never overlap. On PostgreSQL the person's row is locked first, so that
two writers at the same moment see each other; SQLite has one writer at a time anyway.
"""

from django.db import migrations

GRANTS_CLASH = """
    SELECT 1 FROM organisation_grant other
    WHERE other.user_id = NEW.user_id AND other.id <> NEW.id
      AND other.revoked_at IS NULL AND NEW.revoked_at IS NULL
      AND other.since <= coalesce(NEW.until, '9999-12-31')
      AND coalesce(other.until, '9999-12-31') >= NEW.since
      AND other.role <> NEW.role
      AND (other.role IN ('system_admin', 'security_admin', 'audit_admin')
           OR NEW.role IN ('system_admin', 'security_admin', 'audit_admin'))
"""
POSTINGS_CLASH = """
    SELECT 1 FROM organisation_posting other
    WHERE other.user_id = NEW.user_id AND other.id <> NEW.id
      AND other.since <= coalesce(NEW.until, '9999-12-31')
      AND coalesce(other.until, '9999-12-31') >= NEW.since
"""
RULES = (
    ("organisation_grant", "administrators_exclude_every_role", GRANTS_CLASH),
    ("organisation_posting", "postings_of_a_person_overlap", POSTINGS_CLASH),
)


def sqlite(table: str, name: str, clash: str) -> list[str]:
    return [
        f"""CREATE TRIGGER {name}_{event} AFTER {event} ON {table}
        WHEN EXISTS ({clash})
        BEGIN SELECT RAISE(ABORT, '{name}'); END"""
        for event in ("insert", "update")
    ]


def postgresql(table: str, name: str, clash: str) -> list[str]:
    clash = clash.replace("'9999-12-31'", "DATE '9999-12-31'")
    return [
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM organisation_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
            IF EXISTS ({clash}) THEN
                RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$""",
        f"""CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {name}()""",
    ]


def install(apps, schema_editor):
    make = postgresql if schema_editor.connection.vendor == "postgresql" else sqlite
    for rule in RULES:
        for statement in make(*rule):
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for _table, name, _clash in RULES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")
        else:
            for event in ("insert", "update"):
                schema_editor.execute(f"DROP TRIGGER {name}_{event}")


class Migration(migrations.Migration):
    dependencies = [("organisation", "0002_administration")]
    operations = [migrations.RunPython(install, remove)]
