"""Hand-overs stay as written, and who answered for an item before does not sign it either."""

from django.db import migrations

from core.append_only import freeze

RULE = "signer_stands_apart"
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
        {answered}
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
ANSWERED = """OR EXISTS (SELECT 1 FROM issues_handover handed
            WHERE handed.issue_id = item.id AND handed.from_person_id = NEW.signer_id)"""


def clash(vendor, answered):
    begins = BEGINS[vendor]
    return TOO_NEAR.format(
        answered=answered,
        day=DAY[vendor],
        below=begins.format("own.path", "served.path"),
        above=begins.format("served.path", "own.path"),
    )


def sqlite(found):
    return [
        f"DROP TRIGGER IF EXISTS {RULE}",
        f"""CREATE TRIGGER {RULE} AFTER INSERT ON issues_signoff WHEN EXISTS ({found})
        BEGIN SELECT RAISE(ABORT, '{RULE}'); END""",
    ]


def postgresql(found):
    return [
        f"""CREATE OR REPLACE FUNCTION {RULE}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS ({found}) THEN
                RAISE EXCEPTION '{RULE}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$"""
    ]


def holding(answered):
    """The operation that puts the rule into the database."""

    def install(apps, schema_editor):
        vendor = schema_editor.connection.vendor
        make = postgresql if vendor == "postgresql" else sqlite
        for statement in make(clash(vendor, answered)):
            schema_editor.execute(statement, params=None)

    return install


class Migration(migrations.Migration):
    dependencies = [("issues", "0021_hand_over")]

    operations = [
        freeze("issues_handover"),
        migrations.RunPython(holding(ANSWERED), holding("")),
    ]
