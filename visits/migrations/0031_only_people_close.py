"""What was answered has its words, also on the spot; and the triggers of 0019 go further.

Nobody of a unit that assists, and nobody who answered on the spot, calls back; who could not be
reached is tried once a day; and no appeal lapses before everybody was tried so often in vain.
"""

from importlib import import_module

from django.db import migrations, models

before = import_module("visits.migrations.0019_appeals_hold")

HANDLED = f"{before.HANDLED}, 'settle'"
ASSISTED = """
    OR EXISTS (SELECT 1 FROM organisation_posting post
        JOIN organisation_unit served ON served.id = post.unit_id
        JOIN organisation_unit own ON {below}
        JOIN visits_appeal_assisting helping ON helping.unit_id = own.id
        WHERE post.user_id = NEW.caller_id AND helping.appeal_id = NEW.appeal_id
        AND (post.until IS NULL OR post.until >= {day}))
"""
LAPSED_UNTRIED = """
    SELECT 1 WHERE NEW.state = 'lapsed' AND (
        NOT EXISTS (SELECT 1 FROM visits_voice asked WHERE asked.appeal_id = NEW.id)
        OR EXISTS (SELECT 1 FROM visits_voice asked WHERE asked.appeal_id = NEW.id AND (
            SELECT count(*) FROM visits_callback tried
            WHERE tried.voice_id = asked.id AND tried.round = NEW.redo_count
            AND tried.result = 'unreachable') < 3)
        OR EXISTS (SELECT 1 FROM visits_callback heard
            WHERE heard.appeal_id = NEW.id AND heard.round = NEW.redo_count
            AND heard.result <> 'unreachable'))
"""
TRIED_TODAY = """
    SELECT 1 FROM visits_callback tried
    WHERE NEW.result = 'unreachable' AND tried.result = 'unreachable'
    AND tried.voice_id = NEW.voice_id AND tried.id <> NEW.id AND {its_day} = {day}
"""


def rules(vendor):
    below, day = before.BELOW[vendor], before.DAY[vendor]
    by_handler = before.CALLED_BY_HANDLER + ASSISTED
    by_handler = by_handler.format(handled=HANDLED, below=below, day=day)
    tried = TRIED_TODAY.format(its_day=day.replace("NEW.", "tried."), day=day)
    return (
        ("callers_stand_apart", "visits_callback", "INSERT", by_handler),
        ("vain_calls_on_days_of_their_own", "visits_callback", "INSERT", tried),
        ("closed_appeal_was_heard", "visits_appeal", "UPDATE OF state", before.CLOSED_UNHEARD),
        ("lapsed_appeal_was_tried", "visits_appeal", "UPDATE OF state", LAPSED_UNTRIED),
    )


def install(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    make = before.postgresql if vendor == "postgresql" else before.sqlite
    for rule in rules(vendor):
        for statement in make(*rule):
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for name, _table, _event, _clash in rules(schema_editor.connection.vendor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")
        else:
            schema_editor.execute(f"DROP TRIGGER {name}")


def told(states):
    return models.CheckConstraint(
        condition=models.Q(
            models.Q(("state__in", states), _negated=True),
            models.Q(("answer", ""), _negated=True),
            _connector="OR",
        ),
        name="appeal_answered_by_words",
    )


class Migration(migrations.Migration):
    dependencies = [("visits", "0030_answers_so_far")]

    operations = [
        migrations.RunPython(before.remove, before.install),
        migrations.RemoveConstraint(model_name="appeal", name="appeal_answered_by_words"),
        migrations.AddConstraint(
            model_name="appeal", constraint=told(["answered", "closed", "lapsed", "settled"])
        ),
        migrations.RunPython(install, remove),
    ]
