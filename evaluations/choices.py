"""Choices of the three ratings (domain §3)."""

from django.db.models import IntegerChoices, TextChoices


class RaterGroup(TextChoices):
    """Who rates; the served weigh most (「其中最重要的是服务对象评」)."""

    SUPERIOR = "superior", "上级领导"
    PEER = "peer", "同级部门"
    SERVED = "served", "服务对象"


class Dimension(TextChoices):
    """What is rated (domain §1.1)."""

    RECTIFICATION = "rectification", "问题整改"
    STYLE = "style", "作风转变"


class Grade(IntegerChoices):
    """The answer to one question; UNKNOWN is out of the denominator."""

    VERY_GOOD = 5, "非常满意"
    GOOD = 4, "满意"
    FAIR = 3, "基本满意"
    POOR = 2, "不满意"
    VERY_POOR = 1, "非常不满意"
    UNKNOWN = 0, "不了解"


class RoundState(TextChoices):
    DRAFT = "draft", "准备中"
    OPEN = "open", "评议中"
    CLOSED = "closed", "已结束"
