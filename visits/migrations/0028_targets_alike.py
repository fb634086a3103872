"""Entries of nearly the same name in one area are found by an index."""

from functools import reduce

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Cast, Concat, Lower, Replace

LEFT_OUT = (
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "公司",
    "省",
    "市",
    "县",
    "区",
    "(",
    ")",
    "（",
    "）",
    "·",
    "•",
    "-",
    " ",
)
FOLDED = reduce(lambda text, part: Replace(text, Value(part)), LEFT_OUT, Lower("name"))


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0027_column_choices"),
    ]

    operations = [
        migrations.AddField(
            "target",
            "alike",
            models.GeneratedField(
                db_persist=True,
                expression=Concat(
                    Cast("area", models.CharField(max_length=20)),
                    Value(":"),
                    FOLDED,
                    output_field=models.CharField(),
                ),
                output_field=models.CharField(max_length=120),
            ),
        ),
        migrations.AddIndex(
            "target",
            models.Index(fields=["alike"], name="target_alike"),
        ),
    ]
