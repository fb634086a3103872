"""A closed item carries a signature of its own round, by another than who countersigned.

An item that relapsed keeps its old signatures; none of them closes it once more.
"""

from django.db import migrations

RULE = "closed_item_has_a_signature"
BEFORE = """
    SELECT 1 WHERE NEW.signed_off_by_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM issues_signoff signed
        WHERE signed.issue_id = NEW.id AND signed.signer_id = NEW.signed_off_by_id)
"""
AFTER = """
    SELECT 1 WHERE NEW.signed_off_by_id IS NOT NULL AND (
        NEW.signed_off_by_id = NEW.unit_signed_by_id
        OR NEW.relapse_count >= (
            SELECT count(*) FROM issues_signoff signed WHERE signed.issue_id = NEW.id)
        OR NOT EXISTS (SELECT 1 FROM issues_signoff signed
            WHERE signed.issue_id = NEW.id AND signed.signer_id = NEW.signed_off_by_id
            AND signed.id = (
                SELECT max(id) FROM issues_signoff latest WHERE latest.issue_id = NEW.id)))
"""


def sqlite(clash):
    return [
        f"DROP TRIGGER IF EXISTS {RULE}",
        f"""CREATE TRIGGER {RULE} AFTER UPDATE OF signed_off_by_id ON issues_issue
        WHEN EXISTS ({clash}) BEGIN SELECT RAISE(ABORT, '{RULE}'); END""",
    ]


def postgresql(clash):
    return [
        f"""CREATE OR REPLACE FUNCTION {RULE}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS ({clash}) THEN
                RAISE EXCEPTION '{RULE}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$"""
    ]


def holding(clash):
    """The operation that puts the rule into the database."""

    def install(apps, schema_editor):
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        for statement in (postgresql if is_postgresql else sqlite)(clash):
            schema_editor.execute(statement, params=None)

    return install


class Migration(migrations.Migration):
    dependencies = [("issues", "0019_slips_on_appeals")]

    operations = [migrations.RunPython(holding(AFTER), holding(BEFORE))]
