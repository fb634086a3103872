"""An index for what is left of an area in one state, village by village."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("visits", "0021_hotline_uploads")]

    operations = [
        migrations.AddIndex(
            model_name="target",
            index=models.Index(
                condition=models.Q(("struck_at", None)),
                fields=["campaign", "state", "area", "id"],
                name="target_left_by_area",
            ),
        ),
    ]
