"""Why the new entries of an upload came to a register that was frozen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0015_targets_taken"),
    ]

    operations = [
        migrations.AddField(
            model_name="registerupload",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="新增原因"),
        ),
    ]
