"""空挂 apart from 失联注销, 登记状态, 城乡 and 小微; the data follow in 0008, constraints in 0009."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaign", "0006_aspects_of_categories"),
        ("organisation", "0009_count_people_by_unit"),
        ("visits", "0006_when_appeals_count_from"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="coveragecount",
            name="coverage_count_once",
        ),
        migrations.RemoveConstraint(
            model_name="target",
            name="target_state",
        ),
        migrations.RemoveConstraint(
            model_name="target",
            name="target_only_enterprises_have_scale",
        ),
        migrations.AddField(
            model_name="coveragecount",
            name="empty",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="coveragecount",
            name="locality",
            field=models.CharField(
                blank=True, choices=[("urban", "城市"), ("rural", "农村")], max_length=6
            ),
        ),
        migrations.AddField(
            model_name="coveragecount",
            name="small",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="target",
            name="locality",
            field=models.CharField(
                blank=True,
                choices=[("urban", "城市"), ("rural", "农村")],
                max_length=6,
                verbose_name="城乡",
            ),
        ),
        migrations.AddField(
            model_name="target",
            name="status",
            field=models.CharField(
                blank=True,
                choices=[
                    ("normal", "正常"),
                    ("lost", "失联"),
                    ("zombie", "僵尸"),
                    ("cancelled", "注销"),
                ],
                max_length=10,
                verbose_name="登记状态",
            ),
        ),
        migrations.AlterField(
            model_name="target",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "待走访"),
                    ("absent", "无人待补访"),
                    ("refused", "拒访待再访"),
                    ("empty", "空挂"),
                    ("gone", "失联注销"),
                    ("visited", "已走访"),
                ],
                default="pending",
                max_length=10,
                verbose_name="状态",
            ),
        ),
    ]
