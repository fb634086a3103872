"""No visit after its entry, none late without a reason; the same words of several people."""

from django.db import migrations, models
from django.db.models import Q

from visits.models.visits import DayBegins

KINDS = ["overlap", "crowded", "same_text", "team_text", "night"]


class Migration(migrations.Migration):
    dependencies = [("visits", "0033_late_reasons_so_far")]

    operations = [
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=Q(received_at__gte=DayBegins("visited_on", days=0)),
                name="visit_before_its_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=~Q(late_reason="") | Q(received_at__lt=DayBegins("visited_on", days=4)),
                name="visit_late_with_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                fields=["text_key"], condition=Q(text_key__isnull=False), name="visit_by_words"
            ),
        ),
        migrations.RemoveConstraint(model_name="truthflag", name="truth_flag_kind"),
        migrations.AlterField(
            model_name="truthflag",
            name="kind",
            field=models.CharField(
                "类型",
                max_length=10,
                choices=[
                    ("overlap", "时间重叠"),
                    ("crowded", "时间过密"),
                    ("same_text", "内容雷同"),
                    ("team_text", "多人内容雷同"),
                    ("night", "夜间成批录入"),
                ],
            ),
        ),
        migrations.AddConstraint(
            model_name="truthflag",
            constraint=models.CheckConstraint(condition=Q(kind__in=KINDS), name="truth_flag_kind"),
        ),
        migrations.AddField(
            model_name="truthlook",
            name="last_version",
            field=models.BigIntegerField("看到的最后一次更正", default=0),
        ),
        migrations.AlterField(
            model_name="truthcheck",
            name="is_flagged",
            field=models.BooleanField("有提示或补录", default=False),
        ),
        migrations.AlterField(
            model_name="truthdraw",
            name="flagged",
            field=models.JSONField("有提示或补录的范围"),
        ),
        migrations.AlterField(
            model_name="truthdraw",
            name="flagged_percent",
            field=models.PositiveSmallIntegerField("有提示或补录的比例"),
        ),
        migrations.AlterField(
            model_name="truthdraw",
            name="population",
            field=models.JSONField("按时且没有提示的范围"),
        ),
    ]
