"""Members of teams with where they come from and who leads; filled in 0013."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

SOURCES = [("department", "部门选派"), ("posted", "下派工作队"), ("grid", "网格力量")]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("visits", "0011_visit_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=SOURCES,
                        default="department",
                        max_length=12,
                        verbose_name="来源",
                    ),
                ),
                ("is_leader", models.BooleanField(default=False, verbose_name="队长")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="visits.team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "队员",
                "ordering": ["-is_leader", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "user"), name="membership_once"),
                    models.UniqueConstraint(
                        condition=Q(("is_leader", True)),
                        fields=("team",),
                        name="membership_one_leader",
                    ),
                    models.CheckConstraint(
                        condition=Q(("source__in", ["department", "posted", "grid"])),
                        name="membership_source",
                    ),
                ],
            },
        ),
    ]
