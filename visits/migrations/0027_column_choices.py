"""What somebody has said the columns of an uploaded register are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields

KINDS = [("enterprise", "企业"), ("village", "村居"), ("household", "群众")]


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0006_aspects_of_categories"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("visits", "0026_truth_flags"),
    ]

    operations = [
        migrations.AddField(
            "registerupload",
            "chosen",
            models.JSONField(default=dict, verbose_name="采用的列对应"),
        ),
        migrations.AddField(
            "registerupload",
            "columns_first",
            models.BooleanField(default=False, verbose_name="先核对各列"),
        ),
        migrations.AddField(
            "registerupload",
            "first_rows",
            core.fields.EncryptedField(blank=True, default="", verbose_name="开头几行"),
        ),
        migrations.CreateModel(
            name="ColumnChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField("类别", max_length=12, choices=KINDS)),
                ("fingerprint", models.CharField("表头校验值", max_length=64)),
                ("columns", models.JSONField("各列")),
                ("chosen_at", models.DateTimeField("指定时间")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaign.campaign",
                    ),
                ),
                (
                    "chosen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="指定人",
                    ),
                ),
            ],
            options={
                "verbose_name": "列对应",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["campaign", "kind", "fingerprint"], name="column_choice_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(kind__in=[kind for kind, _ in KINDS]),
                        name="column_choice_kind",
                    ),
                ],
            },
        ),
    ]
