"""Appeals take a way of their own: units, clocks, calls back; several of one visit."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0006_aspects_of_categories"),
        ("organisation", "0009_count_people_by_unit"),
        ("visits", "0016_why_entries_joined"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AppealEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("step", models.CharField(max_length=16, verbose_name="步骤")),
                ("label", models.CharField(max_length=20, verbose_name="名称")),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("unassigned", "待分派"),
                            ("issued", "待签收"),
                            ("handling", "办理中"),
                            ("paused", "等待群众补充"),
                            ("hotline", "已转12345"),
                            ("answered", "待回访"),
                            ("closed", "办结"),
                            ("settled", "当场办结"),
                            ("lapsed", "无法回访办结"),
                            ("merged", "已并件"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="说明")),
                (
                    "internal",
                    models.TextField(blank=True, max_length=1000, verbose_name="内部说明"),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间"),
                ),
            ],
            options={
                "verbose_name": "诉求经过",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="AppealExtension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="申请时间")),
                ("workdays", models.PositiveSmallIntegerField(verbose_name="延长工作日")),
                ("reason", models.CharField(max_length=200, verbose_name="原因")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("granted", "同意"), ("refused", "不同意")],
                        max_length=10,
                        verbose_name="决定",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="意见")),
            ],
            options={
                "verbose_name": "诉求延期",
            },
        ),
        migrations.CreateModel(
            name="AppealPause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paused_on", models.DateField(verbose_name="停止日")),
                ("workdays_left", models.PositiveSmallIntegerField(verbose_name="剩余工作日")),
                ("resumed_on", models.DateField(null=True, verbose_name="继续日")),
            ],
            options={
                "verbose_name": "等待补充",
            },
        ),
        migrations.CreateModel(
            name="CallBack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="轮次")),
                ("attempt", models.PositiveSmallIntegerField(verbose_name="第几次")),
                (
                    "way",
                    models.CharField(
                        choices=[("phone", "电话"), ("visit", "上门")],
                        max_length=8,
                        verbose_name="方式",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("satisfied", "满意"),
                            ("basically", "基本满意"),
                            ("dissatisfied", "不满意"),
                            ("unreachable", "联系不上"),
                        ],
                        max_length=12,
                        verbose_name="结果",
                    ),
                ),
                ("solved", models.BooleanField(null=True, verbose_name="已解决")),
                ("said", models.TextField(blank=True, max_length=500, verbose_name="群众说的话")),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间"),
                ),
            ],
            options={
                "verbose_name": "回访",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Voice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content", models.CharField(max_length=500, verbose_name="诉求")),
            ],
            options={
                "verbose_name": "诉求人",
                "ordering": ["id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="appeal",
            name="appeal_state",
        ),
        migrations.RemoveConstraint(
            model_name="appeal",
            name="appeal_open_has_deadline",
        ),
        migrations.AddField(
            model_name="appeal",
            name="answer",
            field=models.TextField(blank=True, max_length=1000, verbose_name="答复"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="answered_in_time",
            field=models.BooleanField(null=True, verbose_name="按时答复"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="area",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.area",
                verbose_name="村（社区）",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="assisting",
            field=models.ManyToManyField(
                related_name="+", to="organisation.unit", verbose_name="协办单位"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="campaign",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to="campaign.campaign",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="category",
            field=models.CharField(
                blank=True,
                choices=[
                    ("finance", "融资"),
                    ("labour", "用工"),
                    ("land", "用地"),
                    ("approval", "审批"),
                    ("policy", "政策"),
                    ("market", "市场"),
                    ("roads", "道路交通"),
                    ("utilities", "水电气暖"),
                    ("sanitation", "环境卫生"),
                    ("housing", "住房"),
                    ("health", "医疗"),
                    ("schools", "教育"),
                    ("welfare", "就业社保"),
                    ("dispute", "矛盾纠纷"),
                    ("conduct", "服务态度和作风"),
                    ("other", "其他"),
                ],
                max_length=12,
                verbose_name="类别",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="designated",
            field=models.BooleanField(default=False, verbose_name="已指定"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="handler",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="承办人",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="hotline_number",
            field=models.CharField(blank=True, max_length=40, verbose_name="12345工单号"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="issued_on",
            field=models.DateField(null=True, verbose_name="派单日期"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="merged_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="visits.appeal",
                verbose_name="并入",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="number",
            field=models.PositiveIntegerField(null=True, verbose_name="编号"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="redo_count",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="重办次数"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="result",
            field=models.CharField(
                blank=True,
                choices=[
                    ("satisfied", "满意"),
                    ("basically", "基本满意"),
                    ("dissatisfied", "不满意"),
                    ("unreachable", "联系不上"),
                ],
                max_length=12,
                verbose_name="回访结果",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="signed_in_time",
            field=models.BooleanField(null=True, verbose_name="按时签收"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="solved",
            field=models.BooleanField(null=True, verbose_name="已解决"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="step_count",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="步数"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="workdays",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="工作日数"),
        ),
        migrations.AlterField(
            model_name="appeal",
            name="due_on",
            field=models.DateField(null=True, verbose_name="时限"),
        ),
        migrations.AlterField(
            model_name="appeal",
            name="state",
            field=models.CharField(
                choices=[
                    ("unassigned", "待分派"),
                    ("issued", "待签收"),
                    ("handling", "办理中"),
                    ("paused", "等待群众补充"),
                    ("hotline", "已转12345"),
                    ("answered", "待回访"),
                    ("closed", "办结"),
                    ("settled", "当场办结"),
                    ("lapsed", "无法回访办结"),
                    ("merged", "已并件"),
                ],
                max_length=12,
                verbose_name="状态",
            ),
        ),
        migrations.AlterField(
            model_name="appeal",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.unit",
                verbose_name="主办单位",
            ),
        ),
        migrations.AlterField(
            model_name="appeal",
            name="visit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to="visits.visit",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["unit", "state", "-id"], name="appeal_of_unit"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["state", "-id"], name="appeal_by_state"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["state", "due_on"], name="appeal_due"),
        ),
        migrations.AddField(
            model_name="appealevent",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="办理人",
            ),
        ),
        migrations.AddField(
            model_name="appealevent",
            name="appeal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="visits.appeal",
            ),
        ),
        migrations.AddField(
            model_name="appealevent",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.unit",
                verbose_name="单位",
            ),
        ),
        migrations.AddField(
            model_name="appealextension",
            name="appeal",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="extension",
                to="visits.appeal",
            ),
        ),
        migrations.AddField(
            model_name="appealextension",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="申请人",
            ),
        ),
        migrations.AddField(
            model_name="appealextension",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="决定人",
            ),
        ),
        migrations.AddField(
            model_name="appealpause",
            name="appeal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pauses",
                to="visits.appeal",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="appeal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="call_backs",
                to="visits.appeal",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="caller",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="回访人",
            ),
        ),
        migrations.AddField(
            model_name="voice",
            name="appeal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="voices",
                to="visits.appeal",
            ),
        ),
        migrations.AddField(
            model_name="voice",
            name="raised_as",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="own_voice",
                to="visits.appeal",
            ),
        ),
        migrations.AddField(
            model_name="voice",
            name="visit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="visits.visit"
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="voice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="call_backs",
                to="visits.voice",
            ),
        ),
        migrations.AddIndex(
            model_name="appealevent",
            index=models.Index(fields=["unit", "step"], name="appeal_event_of_unit"),
        ),
        migrations.AddConstraint(
            model_name="appealevent",
            constraint=models.UniqueConstraint(
                fields=("appeal", "number"), name="appeal_event_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="appealevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "to_state__in",
                        [
                            "unassigned",
                            "issued",
                            "handling",
                            "paused",
                            "hotline",
                            "answered",
                            "closed",
                            "settled",
                            "lapsed",
                            "merged",
                        ],
                    )
                ),
                name="appeal_event_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="appealextension",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["", "granted", "refused"])),
                name="appeal_extension_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="appealextension",
            constraint=models.CheckConstraint(
                condition=models.Q(("workdays__range", (1, 10))), name="appeal_extension_in_bounds"
            ),
        ),
        migrations.AddConstraint(
            model_name="appealextension",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="appeal_extension_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="appealextension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("decision", "")),
                    models.Q(
                        models.Q(("decision", ""), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="appeal_extension_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="appealextension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="appeal_extension_nobody_grants_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="appealpause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resumed_on", None)),
                fields=("appeal",),
                name="appeal_pause_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="appealpause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resumed_on", None),
                    ("resumed_on__gte", models.F("paused_on")),
                    _connector="OR",
                ),
                name="appeal_pause_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                fields=("voice", "round", "attempt"), name="call_back_attempt_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["phone", "visit"])), name="call_back_way"
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("result__in", ["satisfied", "basically", "dissatisfied", "unreachable"])
                ),
                name="call_back_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("result__in", ["basically", "dissatisfied", "satisfied"]),
                        ("solved__isnull", False),
                    ),
                    models.Q(("result", "unreachable"), ("solved", None)),
                    _connector="OR",
                ),
                name="call_back_reached_says_whether_solved",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "dissatisfied"), _negated=True),
                    models.Q(("said", ""), _negated=True),
                    _connector="OR",
                ),
                name="call_back_dissatisfied_says_why",
            ),
        ),
    ]
