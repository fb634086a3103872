"""Visits may say at what hour they began; those from paper, who brought them in.

Words that tell something get a key, by which the same ones are found.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0006_aspects_of_categories"),
        ("core", "0008_pulse"),
        ("visits", "0023_targets_given"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitUpload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    models.FileField(blank=True, upload_to="uploads/%Y/%m/", verbose_name="文件"),
                ),
                ("file_name", models.CharField(max_length=120, verbose_name="文件名")),
                ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "正在检查"),
                            ("refused", "有错误，未导入"),
                            ("checked", "待确认"),
                            ("applied", "已导入"),
                            ("lapsed", "过期未确认"),
                        ],
                        default="uploaded",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("report", models.JSONField(default=dict, verbose_name="检查结果")),
                ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
            ],
            options={
                "verbose_name": "走访补录上传",
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="visit",
            name="began",
            field=models.TimeField(blank=True, null=True, verbose_name="开始时间"),
        ),
        migrations.AddField(
            model_name="visit",
            name="entered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="代录人",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="text_key",
            field=models.BigIntegerField(editable=False, null=True, verbose_name="内容指纹"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["author", "visited_on"], name="visit_by_day"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("text_key__isnull", False)),
                fields=["author", "text_key"],
                name="visit_by_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("entered_by", None),
                    models.Q(("entered_by", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="visit_entered_by_another",
            ),
        ),
        migrations.AddField(
            model_name="visitupload",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="走访人",
            ),
        ),
        migrations.AddField(
            model_name="visitupload",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaign.campaign",
            ),
        ),
        migrations.AddField(
            model_name="visitupload",
            name="job",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="core.job",
            ),
        ),
        migrations.AddField(
            model_name="visitupload",
            name="uploaded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="上传人",
            ),
        ),
        migrations.AddIndex(
            model_name="visitupload",
            index=models.Index(fields=["uploaded_by", "-id"], name="visitupload_of_person"),
        ),
        migrations.AddConstraint(
            model_name="visitupload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["uploaded", "refused", "checked", "applied", "lapsed"])
                ),
                name="visitupload_state",
            ),
        ),
    ]
