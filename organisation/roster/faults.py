"""What kinds of mistake a row of a roster or of a list of units holds."""

from django.db.models import TextChoices


class Fault(TextChoices):
    MISSING = "missing", "必填项没有填"
    FORMAT = "format", "填写不合要求"
    UNREADABLE = "unreadable", "单元格读不出"
    REPEATED = "repeated", "文件内重复"
    UNIT = "unit", "找不到单位"
    CLOSED = "closed", "单位已撤销"
    SCOPE = "scope", "不在负责的范围"
    LOGIN = "login", "登录名不对"
    POWER = "power", "权力与人员类别不符"
    OVERLAP = "overlap", "任职时间重叠"
    STATUS = "status", "与现有任职对不上"
    ADMINISTRATOR = "administrator", "管理员不兼业务角色"
    OFFICE = "office", "由作风办办理"
    ONESELF = "oneself", "涉及导入人自己"
    AREA = "area", "找不到区划"
    TAKEN = "taken", "名称已被使用"
    CYCLE = "cycle", "上下级成了圈"
