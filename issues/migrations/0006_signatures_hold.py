"""What the database itself holds of signatures, on SQLite and PostgreSQL.

Versions, steps and signatures stay as they were written. A signer has not written on the
item and has not belonged to its unit, one above or one below it, since it was written; the
rule is that of ``issues.rules``. On SQLite a later migration that alters one of these
tables builds it anew and must install its triggers again.
"""

from django.db import migrations

from core.append_only import freeze

FROZEN = ("issues_issueversion", "issues_issueevent", "issues_signoff")
DAY = {  # on which the item was written, in China
    "sqlite": "date(item.created_at, '+8 hours')",
    "postgresql": "(item.created_at AT TIME ZONE 'Asia/Shanghai')::date",
}
BEGINS = {  # whether the second text is how the first begins
    "sqlite": "substr({0}, 1, length({1})) = {1}",
    "postgresql": "starts_with({0}, {1})",
}
TOO_NEAR = """
    SELECT 1 FROM issues_issue item WHERE item.id = NEW.issue_id AND (
        item.author_id = NEW.signer_id OR item.responsible_id = NEW.signer_id
        OR EXISTS (SELECT 1 FROM issues_issueversion text
            WHERE text.issue_id = item.id AND text.author_id = NEW.signer_id)
        OR EXISTS (SELECT 1 FROM organisation_posting post
            JOIN organisation_unit served ON served.id = post.unit_id
            JOIN organisation_unit own ON own.id = item.unit_id
            WHERE post.user_id = NEW.signer_id
            AND (post.until IS NULL OR post.until >= {day})
            AND ({below} OR {above}))
    )
"""
UNSIGNED = """
    SELECT 1 WHERE NEW.signed_off_by_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM issues_signoff signed
        WHERE signed.issue_id = NEW.id AND signed.signer_id = NEW.signed_off_by_id)
"""


def too_near(vendor):
    begins = BEGINS[vendor]
    return TOO_NEAR.format(
        day=DAY[vendor],
        below=begins.format("own.path", "served.path"),
        above=begins.format("served.path", "own.path"),
    )


def sqlite(name, table, event, clash):
    return [
        f"""CREATE TRIGGER {name} AFTER {event} ON {table} WHEN EXISTS ({clash})
        BEGIN SELECT RAISE(ABORT, '{name}'); END"""
    ]


def postgresql(name, table, event, clash):
    return [
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS ({clash}) THEN
                RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$""",
        f"""CREATE TRIGGER {name} BEFORE {event} ON {table}
        FOR EACH ROW EXECUTE FUNCTION {name}()""",
    ]


def rules(vendor):
    return (
        ("signer_stands_apart", "issues_signoff", "INSERT", too_near(vendor)),
        ("closed_item_has_a_signature", "issues_issue", "UPDATE OF signed_off_by_id", UNSIGNED),
    )


def install(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    make = postgresql if vendor == "postgresql" else sqlite
    for rule in rules(vendor):
        for statement in make(*rule):
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for name, _table, _event, _clash in rules(schema_editor.connection.vendor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")
        else:
            schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0005_extensions"),
        ("organisation", "0009_count_people_by_unit"),
    ]

    operations = [
        migrations.RunPython(install, remove),
        *(freeze(table) for table in FROZEN),
    ]
