"""What holds of appeals from now on, also against whoever writes past the product's rules.

Steps and call-backs stay as they were written. Nobody who handled an appeal, and nobody posted
in a unit that did, records a call-back on it; and no appeal is closed unless everybody who was
reached in this round said that it is solved. On SQLite a later migration that alters one of
these tables builds it anew and must install its triggers again.
"""

import django.db.models.deletion
from django.db import migrations, models

from core.append_only import freeze

HANDLED = "'sign', 'answer', 'pause', 'resume', 'return', 'hotline_result'"
DAY = {  # of the call, in China
    "sqlite": "date(NEW.at, '+8 hours')",
    "postgresql": "(NEW.at AT TIME ZONE 'Asia/Shanghai')::date",
}
BELOW = {  # whether the unit is the other or lies under it
    "sqlite": "substr(served.path, 1, length(own.path)) = own.path",
    "postgresql": "starts_with(served.path, own.path)",
}
CALLED_BY_HANDLER = """
    SELECT 1 FROM visits_appeal raised WHERE raised.id = NEW.appeal_id AND (
        raised.handler_id = NEW.caller_id
        OR EXISTS (SELECT 1 FROM visits_appealevent taken
            WHERE taken.appeal_id = raised.id AND taken.actor_id = NEW.caller_id
            AND taken.step IN ({handled}))
        OR EXISTS (SELECT 1 FROM organisation_posting post
            JOIN organisation_unit served ON served.id = post.unit_id
            JOIN organisation_unit own ON {below}
            WHERE post.user_id = NEW.caller_id
            AND (post.until IS NULL OR post.until >= {day})
            AND (own.id = raised.unit_id OR EXISTS (SELECT 1 FROM visits_appealevent taken
                WHERE taken.appeal_id = raised.id AND taken.unit_id = own.id
                AND taken.step IN ({handled})))))
"""
CLOSED_UNHEARD = """
    SELECT 1 WHERE NEW.state = 'closed' AND (
        NOT EXISTS (SELECT 1 FROM visits_callback heard
            WHERE heard.appeal_id = NEW.id AND heard.round = NEW.redo_count
            AND heard.result IN ('satisfied', 'basically') AND heard.solved)
        OR EXISTS (SELECT 1 FROM visits_callback heard
            WHERE heard.appeal_id = NEW.id AND heard.round = NEW.redo_count
            AND (heard.result = 'dissatisfied' OR NOT heard.solved)))
"""


def sqlite(name, table, event, clash):
    yield f"""CREATE TRIGGER {name} AFTER {event} ON {table} WHEN EXISTS ({clash})
        BEGIN SELECT RAISE(ABORT, '{name}'); END"""


def postgresql(name, table, event, clash):
    yield f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS ({clash}) THEN
                RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$"""
    yield f"""CREATE TRIGGER {name} BEFORE {event} ON {table}
        FOR EACH ROW EXECUTE FUNCTION {name}()"""


def rules(vendor):
    by_handler = CALLED_BY_HANDLER.format(handled=HANDLED, below=BELOW[vendor], day=DAY[vendor])
    return (
        ("callers_stand_apart", "visits_callback", "INSERT", by_handler),
        ("closed_appeal_was_heard", "visits_appeal", "UPDATE OF state", CLOSED_UNHEARD),
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
    dependencies = [("visits", "0018_appeals_so_far")]

    operations = [
        migrations.AlterField(
            model_name="appeal",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.area",
                verbose_name="村（社区）",
            ),
        ),
        migrations.AlterField(
            model_name="appeal",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to="campaign.campaign",
            ),
        ),
        migrations.AlterField(
            model_name="appeal",
            name="number",
            field=models.PositiveIntegerField(verbose_name="编号"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "unassigned",
                            "issued",
                            "handling",
                            "paused",
                            "hotline",
                            "answered",
                            "closed",
                            "settled",
                            "lapsed",
                            "merged",
                        ],
                    )
                ),
                name="appeal_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "category__in",
                        [
                            "",
                            "finance",
                            "labour",
                            "land",
                            "approval",
                            "policy",
                            "market",
                            "roads",
                            "utilities",
                            "sanitation",
                            "housing",
                            "health",
                            "schools",
                            "welfare",
                            "dispute",
                            "conduct",
                            "other",
                        ],
                    )
                ),
                name="appeal_category",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("result__in", ["", "satisfied", "basically", "dissatisfied", "unreachable"])
                ),
                name="appeal_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                fields=("campaign", "number"), name="appeal_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["answered", "handling", "issued", "unassigned"]),
                        _negated=True,
                    ),
                    ("due_on__isnull", False),
                    _connector="OR",
                ),
                name="appeal_open_has_deadline",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["handling", "issued", "paused"]), _negated=True),
                    ("unit__isnull", False),
                    _connector="OR",
                ),
                name="appeal_with_unit_has_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["answered", "closed", "lapsed"]), _negated=True),
                    models.Q(("answer", ""), _negated=True),
                    _connector="OR",
                ),
                name="appeal_answered_by_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "hotline"), _negated=True),
                    models.Q(("hotline_number", ""), _negated=True),
                    _connector="OR",
                ),
                name="appeal_hotline_has_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("state", "merged")),
                    models.Q(models.Q(("state", "merged"), _negated=True), ("merged_into", None)),
                    _connector="OR",
                ),
                name="appeal_merged_into_another",
            ),
        ),
        migrations.RunPython(install, remove),
        freeze("visits_appealevent"),
        freeze("visits_callback"),
    ]
