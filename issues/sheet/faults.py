"""What kinds of mistake a row of the ledger holds."""

from django.db.models import TextChoices


class Fault(TextChoices):
    MISSING = "missing", "必填项没有填"
    FORMAT = "format", "填写不合要求"
    UNREADABLE = "unreadable", "单元格读不出"
    REPEATED = "repeated", "文件内重复"
    PERSON = "person", "找不到责任人"
    UNIT = "unit", "单位不对"
    CATEGORY = "category", "找不到类别"
    LEADER = "leader", "责任领导不对"
    LEVEL = "level", "不是个人的问题"
    CHANGED = "changed", "已有的问题改了字"
