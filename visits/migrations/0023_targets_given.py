"""Who of a team goes where, and how often the work of a team was shared out."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("visits", "0022_left_by_area"),
    ]

    operations = [
        migrations.AddField(
            model_name="target",
            name="assignee",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="分给",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="splits",
            field=models.PositiveIntegerField(default=0, verbose_name="分工次数"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(
                condition=models.Q(("assignee__isnull", False)),
                fields=["assignee", "campaign", "-id"],
                name="target_given",
            ),
        ),
    ]
