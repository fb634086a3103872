"""A register takes the way of all uploads; one that nobody confirms lapses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("visits", "0003_encrypt_addresses"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="registerupload",
            name="register_upload_state",
        ),
        migrations.RenameIndex(
            model_name="registerupload",
            new_name="registerupload_of_person",
            old_name="register_upload_by_person",
        ),
        migrations.AlterField(
            model_name="registerupload",
            name="file",
            field=models.FileField(blank=True, upload_to="uploads/%Y/%m/", verbose_name="文件"),
        ),
        migrations.AlterField(
            model_name="registerupload",
            name="state",
            field=models.CharField(
                choices=[
                    ("uploaded", "正在检查"),
                    ("refused", "有错误，未导入"),
                    ("checked", "待确认"),
                    ("applied", "已导入"),
                    ("lapsed", "过期未确认"),
                ],
                default="uploaded",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="registerupload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["uploaded", "refused", "checked", "applied", "lapsed"])
                ),
                name="registerupload_state",
            ),
        ),
    ]
