"""A campaign's register is frozen; what happens to it afterwards is kept row by row."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.append_only import freeze

# Rows stay as they were written; archiving may delete them.
FROZEN = ("visits_freeze", "visits_frozencount", "visits_registerchange")


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0006_aspects_of_categories"),
        ("organisation", "0009_count_people_by_unit"),
        ("visits", "0009_states_and_splits_hold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CoverageDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "企业"),
                            ("village", "村居"),
                            ("household", "群众"),
                        ],
                        max_length=12,
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                ("registered", models.PositiveIntegerField()),
                ("covered", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "每日覆盖",
            },
        ),
        migrations.CreateModel(
            name="Freeze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="第几次")),
                ("at", models.DateTimeField(verbose_name="核定时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("registered", models.PositiveIntegerField(verbose_name="登记数")),
                ("counts", models.JSONField(verbose_name="分类数")),
                ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
            ],
            options={
                "verbose_name": "分母核定",
            },
        ),
        migrations.CreateModel(
            name="FrozenCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "企业"),
                            ("village", "村居"),
                            ("household", "群众"),
                        ],
                        max_length=12,
                    ),
                ),
                ("registered", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "核定计数",
            },
        ),
        migrations.CreateModel(
            name="RegisterChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("join", "新增"),
                            ("leave", "移出"),
                            ("return", "恢复"),
                            ("split", "分户"),
                            ("move", "迁移"),
                            ("merge", "合并"),
                            ("correction", "更正"),
                        ],
                        max_length=12,
                        verbose_name="变更",
                    ),
                ),
                (
                    "target_kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "企业"),
                            ("village", "村居"),
                            ("household", "群众"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("corrected", models.JSONField(default=dict, verbose_name="更正内容")),
                ("reason", models.CharField(max_length=200, verbose_name="原因")),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "登记册变更",
            },
        ),
        migrations.AddField(
            model_name="target",
            name="merged_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="visits.target",
            ),
        ),
        migrations.AddField(
            model_name="target",
            name="struck_at",
            field=models.DateTimeField(null=True, verbose_name="移出时间"),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None), ("struck_at__isnull", False), _connector="OR"
                ),
                name="target_merged_is_struck",
            ),
        ),
        migrations.AddField(
            model_name="coverageday",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.area",
            ),
        ),
        migrations.AddField(
            model_name="coverageday",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaign.campaign",
            ),
        ),
        migrations.AddField(
            model_name="freeze",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="freezes",
                to="campaign.campaign",
            ),
        ),
        migrations.AddField(
            model_name="freeze",
            name="frozen_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="核定人",
            ),
        ),
        migrations.AddField(
            model_name="frozencount",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.area",
            ),
        ),
        migrations.AddField(
            model_name="frozencount",
            name="freeze",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="areas",
                to="visits.freeze",
            ),
        ),
        migrations.AddField(
            model_name="registerchange",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="registerchange",
            name="area_from",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.area",
            ),
        ),
        migrations.AddField(
            model_name="registerchange",
            name="area_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.area",
            ),
        ),
        migrations.AddField(
            model_name="registerchange",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaign.campaign",
            ),
        ),
        migrations.AddField(
            model_name="registerchange",
            name="freeze",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="visits.freeze",
            ),
        ),
        migrations.AddField(
            model_name="registerchange",
            name="other",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="visits.target",
            ),
        ),
        migrations.AddField(
            model_name="registerchange",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="visits.target",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverageday",
            constraint=models.UniqueConstraint(
                fields=("campaign", "area", "kind", "day"), name="coverage_day_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="coverageday",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["enterprise", "village", "household"])),
                name="coverage_day_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverageday",
            constraint=models.CheckConstraint(
                condition=models.Q(("covered__lte", models.F("registered"))),
                name="coverage_day_part_of_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.UniqueConstraint(
                fields=("campaign", "number"), name="freeze_once_per_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number", 1), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="freeze_again_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="frozencount",
            constraint=models.UniqueConstraint(
                fields=("freeze", "area", "kind"), name="frozen_count_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="frozencount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["enterprise", "village", "household"])),
                name="frozen_count_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="registerchange",
            index=models.Index(fields=["target", "-id"], name="register_change_by_target"),
        ),
        migrations.AddIndex(
            model_name="registerchange",
            index=models.Index(fields=["campaign", "-id"], name="register_change_newest"),
        ),
        migrations.AddConstraint(
            model_name="registerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["join", "leave", "return", "split", "move", "merge", "correction"],
                    )
                ),
                name="register_change_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="registerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("target_kind__in", ["enterprise", "village", "household"])),
                name="register_change_target_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="registerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="register_change_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="registerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("area_from", None),
                        ("area_to__isnull", False),
                        ("kind__in", ["join", "return", "split"]),
                    ),
                    models.Q(
                        ("area_from__isnull", False),
                        ("area_to", None),
                        ("kind__in", ["leave", "merge"]),
                    ),
                    models.Q(
                        ("area_from__isnull", False), ("area_to__isnull", False), ("kind", "move")
                    ),
                    models.Q(("area_from", None), ("area_to", None), ("kind", "correction")),
                    _connector="OR",
                ),
                name="register_change_counts_where",
            ),
        ),
        migrations.AddConstraint(
            model_name="registerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["split", "merge"]), ("other__isnull", False)),
                    models.Q(
                        models.Q(("kind__in", ["split", "merge"]), _negated=True), ("other", None)
                    ),
                    _connector="OR",
                ),
                name="register_change_other",
            ),
        ),
        *(freeze(table) for table in FROZEN),
    ]
