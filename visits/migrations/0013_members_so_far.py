"""Members of a team so far come from where their team came from."""

from django.db import migrations

BATCH = 200


def take_over(apps, schema_editor):
    team = apps.get_model("visits", "Team")
    sources = dict(team.objects.values_list("pk", "source"))
    memberships = apps.get_model("visits", "Membership").objects
    pairs = team.members.through.objects.order_by("id").values_list("team_id", "user_id")
    rows = [
        memberships.model(team_id=key, user_id=user, source=sources[key]) for key, user in pairs
    ]
    memberships.bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("visits", "0012_memberships")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
