"""What decides which answers given on the spot are called back."""

import django.db.models.deletion
from django.db import migrations, models

STATES = [
    ("unassigned", "待分派"),
    ("issued", "待签收"),
    ("handling", "办理中"),
    ("paused", "等待群众补充"),
    ("hotline", "已转12345"),
    ("answered", "待回访"),
    ("closed", "办结"),
    ("settled", "当场答复"),
    ("lapsed", "无法回访办结"),
    ("merged", "已并件"),
]


class Migration(migrations.Migration):
    dependencies = [("campaign", "0001_initial"), ("visits", "0028_targets_alike")]

    operations = [
        migrations.CreateModel(
            name="AnswerSeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seed", models.CharField(max_length=32, verbose_name="种子")),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaign.campaign",
                    ),
                ),
            ],
            options={"verbose_name": "当场答复抽查种子"},
        ),
        migrations.AlterField(
            model_name="appeal",
            name="state",
            field=models.CharField(choices=STATES, max_length=12, verbose_name="状态"),
        ),
        migrations.AlterField(
            model_name="appealevent",
            name="to_state",
            field=models.CharField(choices=STATES, max_length=12),
        ),
    ]
