"""The visits so far get the key of their words."""

from django.db import migrations

from visits.entry import text_key

AT_ONCE = 500


def set_keys(apps, schema_editor):
    visits = apps.get_model("visits", "Visit").objects.order_by("pk")
    last = 0
    while some := list(visits.filter(pk__gt=last).only("heard")[:AT_ONCE]):
        last = some[-1].pk
        for visit in some:
            visit.text_key = text_key(visit.heard)
        told = [visit for visit in some if visit.text_key is not None]
        visits.bulk_update(told, ["text_key"], batch_size=100)


class Migration(migrations.Migration):
    dependencies = [("visits", "0024_visits_from_paper")]

    operations = [migrations.RunPython(set_keys, migrations.RunPython.noop)]
