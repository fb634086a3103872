"""Choices of what every app leans on."""

from django.db.models import TextChoices


class ChannelKind(TextChoices):
    """The ways beside the box; a person sets them up, or has none."""

    EMAIL = "email", "电子邮件"
    WECOM = "wecom", "企业微信机器人"
    DINGTALK = "dingtalk", "钉钉机器人"
    FEISHU = "feishu", "飞书机器人"
    OTHER = "other", "其他 Webhook"


class Way(TextChoices):
    """By what way a reminder reaches somebody: the box, or one of the channels."""

    INBOX = "inbox", "站内"
    EMAIL = "email", "电子邮件"
    WECOM = "wecom", "企业微信机器人"
    DINGTALK = "dingtalk", "钉钉机器人"
    FEISHU = "feishu", "飞书机器人"
    OTHER = "other", "其他 Webhook"


class Addressee(TextChoices):
    """Who is reminded, from the nearest to the highest (domain §2.4)."""

    PERSON = "person", "本人"
    LIAISON = "liaison", "单位联络员"
    HEAD = "head", "单位负责人"
    OFFICE = "office", "作风办"
