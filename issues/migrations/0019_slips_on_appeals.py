"""A slip may be on an appeal instead of an item."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0006_aspects_of_categories"),
        ("issues", "0018_items_of_appeals"),
        ("organisation", "0009_count_people_by_unit"),
        ("visits", "0021_hotline_uploads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="supervisionslip",
            name="slip_reason",
        ),
        migrations.AddField(
            model_name="supervisionslip",
            name="appeal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="visits.appeal",
                verbose_name="督办的诉求",
            ),
        ),
        migrations.AlterField(
            model_name="supervisionslip",
            name="issue",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="slips",
                to="issues.issue",
                verbose_name="督办的问题",
            ),
        ),
        migrations.AlterField(
            model_name="supervisionslip",
            name="reason",
            field=models.CharField(
                choices=[
                    ("overdue", "逾期未整改"),
                    ("returned", "两次退回整改"),
                    ("dissatisfied", "回头看反弹，群众不满意"),
                    ("unanswered", "诉求逾期未办结"),
                    ("not_helped", "诉求两次回访不满意"),
                    ("by_hand", "纪委监委交办"),
                ],
                max_length=12,
                verbose_name="来源",
            ),
        ),
        migrations.AddConstraint(
            model_name="supervisionslip",
            constraint=models.UniqueConstraint(
                fields=("appeal", "reason", "occasion"), name="slip_once_per_occasion_of_appeal"
            ),
        ),
        migrations.AddConstraint(
            model_name="supervisionslip",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["answered", "issued", "received", "signed"])),
                fields=("appeal", "reason"),
                name="slip_one_open_per_reason_of_appeal",
            ),
        ),
        migrations.AddConstraint(
            model_name="supervisionslip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("appeal__isnull", False), ("issue", None)),
                    models.Q(("appeal", None), ("issue__isnull", False)),
                    _connector="OR",
                ),
                name="slip_is_on_one_matter",
            ),
        ),
        migrations.AddConstraint(
            model_name="supervisionslip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "overdue",
                            "returned",
                            "dissatisfied",
                            "unanswered",
                            "not_helped",
                            "by_hand",
                        ],
                    )
                ),
                name="slip_reason",
            ),
        ),
    ]
