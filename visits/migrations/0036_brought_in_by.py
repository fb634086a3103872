"""Who brought visits in from paper finds them, also without a part in their place."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("visits", "0035_counts_of_an_area")]

    operations = [
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                fields=["entered_by", "-id"],
                condition=models.Q(entered_by__isnull=False),
                name="visit_by_enterer",
            ),
        ),
    ]
