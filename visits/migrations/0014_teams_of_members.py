"""A team has members through their memberships, each with a source of its own.

On the way back the former table of members is empty, and each team is one of 部门选派.
"""

from django.conf import settings
from django.db import migrations, models

SOURCES = [("department", "部门选派"), ("posted", "下派工作队"), ("grid", "网格力量")]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("visits", "0013_members_so_far"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="team", name="team_source"),
        migrations.AlterField(
            model_name="team",
            name="source",
            field=models.CharField(choices=SOURCES, default="department", max_length=12),
        ),
        migrations.RemoveField(model_name="team", name="source"),
        migrations.RemoveField(model_name="team", name="members"),
        migrations.AddField(
            model_name="team",
            name="members",
            field=models.ManyToManyField(
                related_name="teams",
                through="visits.Membership",
                to=settings.AUTH_USER_MODEL,
                verbose_name="队员",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="version",
            field=models.PositiveIntegerField(default=1, verbose_name="版本"),
        ),
    ]
