"""What a visit said before it was corrected; visits know what was sent and how often changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.append_only import freeze


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0010_register_is_frozen"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="visit",
            name="sha256",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="visit",
            name="version",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="版本"),
        ),
        migrations.CreateModel(
            name="VisitVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("text", models.JSONField(verbose_name="原来的内容")),
                ("replaced_at", models.DateTimeField(verbose_name="更正时间")),
                ("reason", models.CharField(max_length=100, verbose_name="更正原因")),
                (
                    "replaced_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="更正人",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="visits.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访更正",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "number"), name="visit_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="visit_version_has_reason",
                    ),
                ],
            },
        ),
        freeze("visits_visitversion"),
    ]
