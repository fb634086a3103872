"""The address of one way beside the box."""

from typing import Any

from django import forms

from core.choices import ChannelKind
from core.forms import AppForm
from core.notices.addresses import EXAMPLES

SIGNED = {ChannelKind.DINGTALK: "加签密钥", ChannelKind.FEISHU: "签名校验密钥"}
HINTS: dict[ChannelKind, tuple[str, ...]] = {
    ChannelKind.EMAIL: ("用单位的工作邮箱，邮件里只有项数，没有具体内容。",),
    ChannelKind.WECOM: (
        "在企业微信群里添加「群机器人」，复制它的 Webhook 地址。",
        "消息发到整个群，只说有几项提醒，不写是谁、什么事。",
    ),
    ChannelKind.DINGTALK: (
        "在钉钉群设置里添加「自定义」机器人，复制它的 Webhook 地址。",
        "安全设置选「自定义关键词」的，填「遍访」；选「加签」的，把密钥填在这里。",
        "消息发到整个群，只说有几项提醒，不写是谁、什么事。",
    ),
    ChannelKind.FEISHU: (
        "在飞书群设置里添加「自定义机器人」，复制它的 Webhook 地址。",
        "安全设置选「自定义关键词」的，填「遍访」；选「签名校验」的，把密钥填在这里。",
        "消息发到整个群，只说有几项提醒，不写是谁、什么事。",
    ),
    ChannelKind.OTHER: (
        "支持许多能接收 Webhook 的服务；不认识的地址，按 JSON 格式发送。",
        "消息只说有几项提醒，不写是谁、什么事。",
    ),
}
EMPTY_EXAMPLE = "https://…"


class ChannelForm(AppForm):
    """``kind`` decides what is asked; what is saved is checked by ``core.notices.addresses``."""

    submit_label = "保存"
    address = forms.CharField(label="Webhook 地址", max_length=600, strip=True)
    secret = forms.CharField(required=False, max_length=200, strip=True)

    def __init__(self, *args: Any, kind: ChannelKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["address"]
        address.widget.attrs |= {"autocomplete": "off", "inputmode": "url"}
        address.help_text = f"类似 {EXAMPLES.get(kind, EMPTY_EXAMPLE)}"
        if kind == ChannelKind.EMAIL:
            address.label, address.help_text = "邮箱地址", "类似 zhangsan@example.gov.cn"
            address.widget.attrs["inputmode"] = "email"
        if kind in SIGNED:
            self.fields["secret"].label = f"{SIGNED[kind]}（选填）"
        else:
            del self.fields["secret"]
