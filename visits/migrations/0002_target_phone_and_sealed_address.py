"""Telephone numbers of targets; their addresses may hold ciphertext."""

from django.db import migrations

import core.fields


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="target",
            name="phone",
            field=core.fields.EncryptedField(blank=True, default="", verbose_name="联系电话"),
        ),
        migrations.AddField(
            model_name="target",
            name="phone_index",
            field=core.fields.BlindIndexField(of="phone"),
        ),
        migrations.AlterField(
            model_name="target",
            name="address",
            field=core.fields.EncryptedField(blank=True, default="", verbose_name="地址"),
        ),
    ]
