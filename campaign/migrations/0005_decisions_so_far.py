"""What stood on stages and units before decisions were kept: their last one."""

from datetime import UTC, datetime, time

from django.db import migrations


def take_over(apps, schema_editor):
    decisions = apps.get_model("campaign", "Decision").objects
    for stage in apps.get_model("campaign", "Stage").objects.exclude(ended_at=None):
        row = decisions.create(
            campaign_id=stage.campaign_id,
            stage=stage,
            kind="ended",
            reason=stage.end_reason,
            made_by_id=stage.ended_by_id,
        )
        decisions.filter(pk=row.pk).update(made_at=stage.ended_at)
    for part in apps.get_model("campaign", "Participant").objects.exclude(left_on=None):
        row = decisions.create(
            campaign_id=part.campaign_id, unit_id=part.unit_id, kind="left", reason=part.reason
        )
        made_at = datetime.combine(part.left_on, time(4), UTC)  # noon in China
        decisions.filter(pk=row.pk).update(made_at=made_at)


class Migration(migrations.Migration):
    dependencies = [("campaign", "0004_decisions")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
