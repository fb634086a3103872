"""Choices of reports."""

from django.db.models import TextChoices


class FileFormat(TextChoices):
    XLSX = "xlsx", "Excel"
    PDF = "pdf", "PDF"


class Light(TextChoices):
    """How something is, as a lamp and as a word: nobody need tell red from green."""

    GREEN = "green", "正常"
    YELLOW = "yellow", "留意"
    RED = "red", "要处理"


# What people call the background jobs of every app.
JOB_NAMES = {
    "core.try_channel": "试发提醒",
    "campaign.archive": "归档专项行动",
    "evaluations.print_codes": "生成评议码",
    "issues.apply_ledger": "导入问题台账",
    "issues.check_ledger": "检查问题台账",
    "issues.export_slip": "导出督办单",
    "issues.export_ledger": "导出问题台账",
    "issues.export_book": "生成错题本",
    "organisation.apply_roster": "导入花名册",
    "organisation.apply_units": "导入单位",
    "organisation.check_roster": "检查花名册",
    "organisation.check_units": "检查单位表",
    "organisation.export_audit": "导出审计记录",
    "organisation.export_roster": "导出花名册",
    "reports.export_progress": "导出进展",
    "visits.apply_hotline": "登记12345往来",
    "visits.apply_register": "导入登记册",
    "visits.apply_freeze": "核定登记册分母",
    "visits.check_hotline": "检查12345往来",
    "visits.apply_paper": "导入补录的走访",
    "visits.check_paper": "检查补录的走访",
    "visits.check_register": "检查登记册",
    "visits.export_coverage": "导出走访覆盖",
    "visits.export_left": "导出未走访名单",
}
