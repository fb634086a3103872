"""People answer the call-back themselves, on a link that counts once."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from core.append_only import lifted

take_away, put_back = lifted("visits_callback")


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0019_appeals_hold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        take_away,
        migrations.CreateModel(
            name="CallBackLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="轮次")),
                ("code_hash", models.CharField(max_length=64, unique=True, verbose_name="校验值")),
                (
                    "made_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="生成时间"
                    ),
                ),
                ("until", models.DateField(verbose_name="有效期至")),
                ("used_at", models.DateTimeField(null=True, verbose_name="使用时间")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="生成人",
                    ),
                ),
                (
                    "voice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="visits.voice",
                    ),
                ),
            ],
            options={
                "verbose_name": "回访链接",
            },
        ),
        migrations.RemoveConstraint(
            model_name="callback",
            name="call_back_way",
        ),
        migrations.RemoveConstraint(
            model_name="callback",
            name="call_back_dissatisfied_says_why",
        ),
        migrations.AlterField(
            model_name="callback",
            name="way",
            field=models.CharField(
                choices=[("phone", "电话"), ("visit", "上门"), ("link", "链接")],
                max_length=8,
                verbose_name="方式",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["phone", "visit", "link"])), name="call_back_way"
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "dissatisfied"), _negated=True),
                    models.Q(("said", ""), _negated=True),
                    ("way", "link"),
                    _connector="OR",
                ),
                name="call_back_dissatisfied_says_why",
            ),
        ),
        put_back,
        migrations.AddConstraint(
            model_name="callbacklink",
            constraint=models.UniqueConstraint(
                fields=("voice", "round"), name="call_back_link_once_a_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="callbacklink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used_at", None), ("used_at__gte", models.F("made_at")), _connector="OR"
                ),
                name="call_back_link_used_after_made",
            ),
        ),
    ]
