"""长期坚持 with its plan, and own disclosures.

SQLite builds issues_issue anew for its changed constraint and would lose every trigger on it
and break those that read it (0006): they are taken away before and put back after.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.append_only import lifted

take_away, put_back = lifted("issues_issue")


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0005_decisions_so_far"),
        ("issues", "0008_ledger_orders"),
        ("organisation", "0009_count_people_by_unit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        take_away,
        migrations.CreateModel(
            name="Achievement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reported_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("result", models.CharField(max_length=500, verbose_name="阶段性成果")),
            ],
            options={
                "verbose_name": "阶段性成果",
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("given_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("content_hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "长期坚持的同意",
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("disclosed_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("text_sha256", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "主动说明",
            },
        ),
        migrations.CreateModel(
            name="LongTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("system", "体制机制不完善"),
                            ("history", "历史遗留"),
                            ("lawsuit", "司法诉讼"),
                        ],
                        max_length=12,
                        verbose_name="原因",
                    ),
                ),
                ("begins_on", models.DateField(verbose_name="起算日")),
            ],
            options={
                "verbose_name": "长期坚持",
            },
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("due_on", models.DateField(null=True, verbose_name="到哪一天")),
                ("shows", models.CharField(blank=True, max_length=200, verbose_name="看得到什么")),
            ],
            options={
                "verbose_name": "阶段节点",
                "ordering": ["number"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="issue",
            name="issue_kind",
        ),
        migrations.AlterField(
            model_name="issue",
            name="kind",
            field=models.CharField(
                choices=[
                    ("at_once", "立行立改"),
                    ("by_date", "限期整改"),
                    ("long_term", "长期坚持"),
                ],
                default="by_date",
                max_length=12,
                verbose_name="整改类型",
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["at_once", "by_date", "long_term"])),
                name="issue_kind",
            ),
        ),
        migrations.AddField(
            model_name="achievement",
            name="evidence",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="issues.evidence",
                verbose_name="佐证",
            ),
        ),
        migrations.AddField(
            model_name="achievement",
            name="reported_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="报告人",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="given_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="同意人",
            ),
        ),
        migrations.AddField(
            model_name="disclosure",
            name="issue",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disclosure",
                to="issues.issue",
            ),
        ),
        migrations.AddField(
            model_name="disclosure",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="说明人",
            ),
        ),
        migrations.AddField(
            model_name="longterm",
            name="version",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="long_term",
                to="issues.issueversion",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="plan",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consent",
                to="issues.longterm",
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="milestones",
                to="issues.longterm",
            ),
        ),
        migrations.AddField(
            model_name="achievement",
            name="milestone",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="achievement",
                to="issues.milestone",
            ),
        ),
        migrations.AddConstraint(
            model_name="longterm",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["system", "history", "lawsuit", ""])),
                name="long_term_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(fields=["due_on"], name="milestone_due"),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.UniqueConstraint(
                fields=("plan", "number"), name="milestone_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__lte", 6)), name="milestone_not_too_many"
            ),
        ),
        migrations.AddConstraint(
            model_name="achievement",
            constraint=models.CheckConstraint(
                condition=models.Q(("result", ""), _negated=True), name="achievement_says_something"
            ),
        ),
        put_back,
    ]
