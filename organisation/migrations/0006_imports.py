"""Rosters and lists of units on their way in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STATES = [
    ("uploaded", "正在检查"),
    ("refused", "有错误，未导入"),
    ("checked", "待确认"),
    ("applied", "已导入"),
    ("lapsed", "过期未确认"),
]


def columns():
    """The columns that every upload has."""
    return [
        (
            "id",
            models.BigAutoField(
                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
            ),
        ),
        ("file", models.FileField(blank=True, upload_to="uploads/%Y/%m/", verbose_name="文件")),
        ("file_name", models.CharField(max_length=120, verbose_name="文件名")),
        ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
        (
            "state",
            models.CharField(
                choices=STATES, default="uploaded", max_length=10, verbose_name="状态"
            ),
        ),
        ("report", models.JSONField(default=dict, verbose_name="检查结果")),
        ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
        (
            "job",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="core.job",
            ),
        ),
        (
            "uploaded_by",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="上传人",
            ),
        ),
    ]


def options(name, verbose_name):
    return {
        "verbose_name": verbose_name,
        "abstract": False,
        "indexes": [models.Index(fields=["uploaded_by", "-id"], name=f"{name}_of_person")],
        "constraints": [
            models.CheckConstraint(
                condition=models.Q(("state__in", [value for value, _ in STATES])),
                name=f"{name}_state",
            )
        ],
    }


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("organisation", "0005_phone_of_a_person")]

    operations = [
        migrations.CreateModel(
            name="RosterUpload",
            fields=[
                *columns(),
                ("site", models.CharField(blank=True, max_length=200, verbose_name="网址")),
            ],
            options=options("rosterupload", "花名册上传"),
        ),
        migrations.CreateModel(
            name="UnitUpload",
            fields=columns(),
            options=options("unitupload", "单位清单上传"),
        ),
    ]
