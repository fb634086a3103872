"""`manage.py verify_audit`: whether anybody has changed the audit trail."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.audit_check import verify


class Command(BaseCommand):
    """Names every fault with the number of its entry; exit code 1 when there is one."""

    help = "Check the audit trail for changes 核对审计记录是否被改动"

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify()
        for fault in report.faults:
            self.stdout.write(fault.text)
        if report.faults:
            raise CommandError(
                f"核对了 {report.entries} 条审计记录，发现 {len(report.faults)} 处问题。"
                "请保留现场，用备份和库外留存的链尾比对，并报告审计管理员。"
            )
        self.stdout.write(f"核对了 {report.entries} 条审计记录，没有发现改动。")
        if report.kept_heads:
            self.stdout.write(f"与库外留存的 {report.kept_heads} 个链尾相符。")
        else:
            self.stdout.write(
                f"库外还没有留存链尾（{settings.AUDIT_HEADS_FILE}），整条链被重写时发现不了。"
                "请运行 manage.py keep_audit_head，并把这个文件备份到另一台机器。"
            )
