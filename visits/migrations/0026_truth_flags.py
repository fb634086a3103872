"""Hints that visits do not fit together, and the call-backs drawn from visits."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0006_aspects_of_categories"),
        ("organisation", "0009_count_people_by_unit"),
        ("visits", "0025_words_so_far"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TruthCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_flagged", models.BooleanField(default=False, verbose_name="有提示")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[("true", "属实"), ("false", "不符"), ("unreachable", "联系不上")],
                        max_length=12,
                        verbose_name="结果",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("recorded_at", models.DateTimeField(null=True, verbose_name="核实时间")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="次数")),
            ],
            options={
                "verbose_name": "走访核实",
            },
        ),
        migrations.CreateModel(
            name="TruthDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="提交号"
                    ),
                ),
                ("first_day", models.DateField(verbose_name="从")),
                ("last_day", models.DateField(verbose_name="到")),
                ("drawn_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("seed", models.CharField(max_length=32, verbose_name="种子")),
                ("percent", models.PositiveSmallIntegerField(verbose_name="比例")),
                ("flagged_percent", models.PositiveSmallIntegerField(verbose_name="有提示的比例")),
                ("population", models.JSONField(verbose_name="没有提示的范围")),
                ("flagged", models.JSONField(verbose_name="有提示的范围")),
                ("drawn", models.JSONField(verbose_name="抽中")),
            ],
            options={
                "verbose_name": "走访核实抽取",
            },
        ),
        migrations.CreateModel(
            name="TruthFlag",
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
                            ("overlap", "时间重叠"),
                            ("crowded", "时间过密"),
                            ("same_text", "内容雷同"),
                            ("night", "夜间成批录入"),
                        ],
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                ("about", models.BigIntegerField(verbose_name="共同点")),
                ("day", models.DateField(verbose_name="日期")),
                ("number", models.PositiveIntegerField(verbose_name="走访数")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="发现时间")),
            ],
            options={
                "verbose_name": "真实性提示",
            },
        ),
        migrations.CreateModel(
            name="TruthLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("last_visit", models.BigIntegerField(default=0, verbose_name="看到的最后一条")),
                ("looked_at", models.DateTimeField(null=True, verbose_name="时间")),
            ],
            options={
                "verbose_name": "真实性检查进度",
            },
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["received_at"], name="visit_received"),
        ),
        migrations.AddField(
            model_name="truthcheck",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="走访人",
            ),
        ),
        migrations.AddField(
            model_name="truthcheck",
            name="recorded_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="核实人",
            ),
        ),
        migrations.AddField(
            model_name="truthcheck",
            name="visit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="visits.visit"
            ),
        ),
        migrations.AddField(
            model_name="truthdraw",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.area",
                verbose_name="区域",
            ),
        ),
        migrations.AddField(
            model_name="truthdraw",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaign.campaign",
            ),
        ),
        migrations.AddField(
            model_name="truthdraw",
            name="drawn_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="抽取人",
            ),
        ),
        migrations.AddField(
            model_name="truthcheck",
            name="draw",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checks",
                to="visits.truthdraw",
            ),
        ),
        migrations.AddField(
            model_name="truthflag",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.area",
                verbose_name="区域",
            ),
        ),
        migrations.AddField(
            model_name="truthflag",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="走访人",
            ),
        ),
        migrations.AddField(
            model_name="truthflag",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaign.campaign",
            ),
        ),
        migrations.AddField(
            model_name="truthflag",
            name="visits",
            field=models.ManyToManyField(
                related_name="flags", to="visits.visit", verbose_name="走访"
            ),
        ),
        migrations.AddField(
            model_name="truthlook",
            name="campaign",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaign.campaign",
            ),
        ),
        migrations.AddConstraint(
            model_name="truthdraw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("flagged_percent__range", (1, 100)),
                    ("percent__range", (1, 100)),
                    ("flagged_percent__gte", models.F("percent")),
                ),
                name="truth_draw_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="truthdraw",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_day__lte", models.F("last_day"))), name="truth_draw_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="truthcheck",
            constraint=models.UniqueConstraint(fields=("visit",), name="truth_check_once"),
        ),
        migrations.AddConstraint(
            model_name="truthcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["", "true", "false", "unreachable"])),
                name="truth_check_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="truthcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recorded_at", None), ("recorded_by", None), ("result", "")),
                    models.Q(
                        models.Q(("result", ""), _negated=True),
                        ("recorded_at__isnull", False),
                        ("recorded_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="truth_check_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="truthcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("recorded_by", None),
                    models.Q(("recorded_by", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="truth_check_not_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="truthcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "false"), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="truth_check_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="truthflag",
            index=models.Index(fields=["campaign", "kind", "-id"], name="truth_flag_by_kind"),
        ),
        migrations.AddConstraint(
            model_name="truthflag",
            constraint=models.UniqueConstraint(
                fields=("campaign", "kind", "author", "about"), name="truth_flag_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="truthflag",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["overlap", "crowded", "same_text", "night"])),
                name="truth_flag_kind",
            ),
        ),
    ]
