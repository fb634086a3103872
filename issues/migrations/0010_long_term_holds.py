"""What the database itself holds of long-term items and disclosures, on both databases.

A long-term item is filed only with the office's consent to the plan of exactly its version,
and nobody consents to an own one; its sign-off is applied for only when every milestone is
reported; whoever discloses is the author of an own, self-found item. Plans, consents, results
and disclosures stay as they were written.
"""

from importlib import import_module

from django.db import migrations

from core.append_only import freeze

signatures = import_module("issues.migrations.0006_signatures_hold")

FROZEN = (
    "issues_longterm",
    "issues_milestone",
    "issues_consent",
    "issues_achievement",
    "issues_disclosure",
)
DAYS = {"sqlite": "(julianday({0}) - julianday({1}))", "postgresql": "({0} - {1})"}
APPLIED = "('applied', 'unit_signed', 'office_passed', 'closed', 'consolidated')"
FILED = "('rectifying', 'applied', 'unit_signed', 'office_passed', 'closed', 'consolidated')"
NO_PLAN = """
    SELECT 1 FROM issues_longterm staged
    JOIN issues_issueversion written ON written.id = staged.version_id
    JOIN issues_issue item ON item.id = written.issue_id
    WHERE staged.id = NEW.plan_id AND (
        item.author_id = NEW.given_by_id OR item.responsible_id = NEW.given_by_id
        OR staged.reason = ''
        OR (item.source = 'television' AND NOT EXISTS (
            SELECT 1 FROM issues_milestone step WHERE step.plan_id = staged.id AND step.number = 0))
        OR NOT EXISTS (SELECT 1 FROM issues_milestone step
            WHERE step.plan_id = staged.id AND step.number > 0 AND step.due_on = item.due_on)
        OR EXISTS (SELECT 1 FROM issues_milestone step WHERE step.plan_id = staged.id AND (
            step.shows = '' OR step.due_on IS NULL OR step.due_on > item.due_on
            OR (step.number > 0 AND NOT {from_begin} BETWEEN 1 AND 30 AND NOT EXISTS (
                SELECT 1 FROM issues_milestone earlier
                WHERE earlier.plan_id = staged.id AND earlier.number > 0
                AND {from_earlier} BETWEEN 1 AND 30))))
    )
"""
UNCONSENTED = f"""
    SELECT 1 WHERE NEW.kind = 'long_term' AND NEW.state IN {FILED} AND NOT EXISTS (
        SELECT 1 FROM issues_consent given
        JOIN issues_longterm staged ON staged.id = given.plan_id
        JOIN issues_issueversion written ON written.id = staged.version_id
        WHERE written.issue_id = NEW.id AND written.number = NEW.version)
"""  # noqa: S608 -- no input
UNREPORTED = f"""
    SELECT 1 WHERE NEW.kind = 'long_term' AND NEW.state IN {APPLIED} AND EXISTS (
        SELECT 1 FROM issues_milestone step
        JOIN issues_longterm staged ON staged.id = step.plan_id
        JOIN issues_issueversion written ON written.id = staged.version_id
        WHERE written.issue_id = NEW.id AND written.number = NEW.version
        AND NOT EXISTS (SELECT 1 FROM issues_achievement done WHERE done.milestone_id = step.id))
"""  # noqa: S608 -- no input
NOT_OWN = """
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM issues_issue item
        WHERE item.id = NEW.issue_id AND item.author_id = NEW.person_id
        AND item.source = 'self' AND item.level = 'personal')
"""


def rules(vendor):
    days = DAYS[vendor].format
    no_plan = NO_PLAN.format(
        from_begin=days("step.due_on", "staged.begins_on"),
        from_earlier=days("step.due_on", "earlier.due_on"),
    )
    changed = "UPDATE OF kind, state, version"
    return (
        ("consent_is_to_a_plan", "issues_consent", "INSERT", no_plan),
        ("long_term_has_consent", "issues_issue", changed, UNCONSENTED),
        ("long_term_is_reported", "issues_issue", changed, UNREPORTED),
        ("disclosure_is_own", "issues_disclosure", "INSERT", NOT_OWN),
    )


def install(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    make = signatures.postgresql if vendor == "postgresql" else signatures.sqlite
    for rule in rules(vendor):
        for statement in make(*rule):
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, *_ in rules(vendor):
        if vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")
        else:
            schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("issues", "0009_long_term_and_disclosure")]

    operations = [
        migrations.RunPython(install, remove),
        *(freeze(table) for table in FROZEN),
    ]
