"""What holds of states, splits and counters from now on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("visits", "0008_count_in_every_area")]

    operations = [
        migrations.AddConstraint(
            model_name="coveragecount",
            constraint=models.UniqueConstraint(
                fields=(
                    "campaign",
                    "area",
                    "kind",
                    "above_scale",
                    "industrial",
                    "small",
                    "locality",
                ),
                name="coverage_count_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["pending", "absent", "refused", "empty", "gone", "visited"])
                ),
                name="target_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "enterprise"),
                    models.Q(
                        ("above_scale", False), ("industrial", False), ("size", ""), ("status", "")
                    ),
                    _connector="OR",
                ),
                name="target_only_enterprises_have_scale",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["", "normal", "lost", "zombie", "cancelled"])),
                name="target_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(("locality__in", ["", "urban", "rural"])), name="target_locality"
            ),
        ),
    ]
