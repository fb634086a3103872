"""What was answered on the spot before the words were kept says so, and has its step."""

from django.db import migrations

UNKNOWN = "走访时当场答复，当时没有记下答复的内容。"
BATCH = 90


def fill(apps, schema_editor):
    Appeal = apps.get_model("visits", "Appeal")
    AppealEvent = apps.get_model("visits", "AppealEvent")
    settled = Appeal.objects.filter(state="settled", step_count=0, answer="")
    rows = settled.select_related("visit").order_by("id")
    some = []
    for appeal in rows.iterator(BATCH):
        some.append(
            AppealEvent(
                appeal=appeal,
                number=1,
                actor_id=appeal.visit.author_id,
                unit_id=appeal.unit_id,
                step="settle",
                label="当场答复",
                to_state="settled",
                note=UNKNOWN,
                at=appeal.visit.received_at,
            )
        )
        if len(some) == BATCH:
            AppealEvent.objects.bulk_create(some)
            some = []
    AppealEvent.objects.bulk_create(some)
    settled.update(answer=UNKNOWN, step_count=1)


class Migration(migrations.Migration):
    dependencies = [("visits", "0029_answers_on_the_spot")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
