"""Whose a target is for some days."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0006_aspects_of_categories"),
        ("organisation", "0009_count_people_by_unit"),
        ("visits", "0014_teams_of_members"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="target",
            name="taken_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="认领人",
            ),
        ),
        migrations.AddField(
            model_name="target",
            name="taken_until",
            field=models.DateField(null=True, verbose_name="认领到"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(
                condition=models.Q(("taken_by__isnull", False)),
                fields=["taken_by", "taken_until"],
                name="target_taken",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_by", None), ("taken_until", None)),
                    models.Q(("taken_by__isnull", False), ("taken_until__isnull", False)),
                    _connector="OR",
                ),
                name="target_taken_until_a_day",
            ),
        ),
    ]
