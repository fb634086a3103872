"""`manage.py keep_audit_head`: write the end of the audit chain to the file outside."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.audit_heads import keep_head


class Command(BaseCommand):
    """The clock does it every day; by hand before and after whatever is delicate."""

    help = "Keep the end of the audit chain outside the database 在库外留存审计链尾"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kept = keep_head()
        except OSError as error:
            raise CommandError(
                f"写不了「{settings.AUDIT_HEADS_FILE}」（{error.strerror}）。"
                "请检查 BIANFANG_AUDIT_HEADS 和文件夹的权限。"
            ) from error
        self.stdout.write(f"已留存：第 {kept.number} 条 {kept.hash}")
