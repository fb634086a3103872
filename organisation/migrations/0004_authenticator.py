import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import core.fields


class Migration(migrations.Migration):
    dependencies = [("organisation", "0003_exclusive_terms")]
    operations = [
        migrations.CreateModel(
            name="Authenticator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The human-readable name of this device.", max_length=64
                    ),
                ),
                (
                    "confirmed",
                    models.BooleanField(default=True, help_text="Is this device ready for use?"),
                ),
                (
                    "throttling_failure_timestamp",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="A timestamp of the last failed verification attempt. Null if last attempt succeeded.",
                        null=True,
                    ),
                ),
                (
                    "throttling_failure_count",
                    models.PositiveIntegerField(
                        default=0, help_text="Number of successive failed attempts."
                    ),
                ),
                ("secret", core.fields.EncryptedField(verbose_name="密钥")),
                ("last_step", models.BigIntegerField(default=-1, verbose_name="最近用过的时间步")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authenticator",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "动态口令"},
        ),
        migrations.AlterField(
            model_name="session",
            name="started_at",
            field=models.DateTimeField(default=timezone.now, verbose_name="登录时间"),
        ),
        # Sign-ins of before stood in Django's own table, which nothing reads any more.
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
    ]
