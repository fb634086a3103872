"""What may be entered as the address of a channel."""

import re
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.choices import ChannelKind
from core.notices import guard

HOSTS = {
    ChannelKind.WECOM: ("qyapi.weixin.qq.com",),
    ChannelKind.DINGTALK: ("oapi.dingtalk.com",),
    ChannelKind.FEISHU: ("open.feishu.cn", "open.larksuite.com"),
}
EXAMPLES = {
    ChannelKind.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    ChannelKind.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=…",
    ChannelKind.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/…",
}
# What the robot is known by. Who has it posts into the group; without it nothing arrives.
KEYS = {
    ChannelKind.WECOM: re.compile(r"[?&]key=[\w-]+", re.ASCII),
    ChannelKind.DINGTALK: re.compile(r"[?&]access_token=[\w-]+", re.ASCII),
    ChannelKind.FEISHU: re.compile(r"/hook/[\w-]+", re.ASCII),
}
SOURCES = {
    ChannelKind.WECOM: "「key=」后面的一串。请在企业微信群的「群机器人」里点开它",
    ChannelKind.DINGTALK: "「access_token=」后面的一串。请在钉钉群设置的「机器人」里点开它",
    ChannelKind.FEISHU: "「hook/」后面的一串。请在飞书群设置的「群机器人」里点开它",
}


class BadAddress(Exception):
    """Why the address is not taken: a Chinese sentence that says what to do."""


def check(kind: str, address: str) -> None:
    """Raises BadAddress. Resolves names, except those of the three known robots."""
    if kind == ChannelKind.EMAIL:
        _check_email(address)
        return
    parts = _parts(address)
    if parts.scheme != "https":
        raise BadAddress("地址要以 https:// 开头；不加密的地址会让别人看到内容，不能用。")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise BadAddress("地址不完整。请把机器人页面上的 Webhook 地址整条复制过来。")
    _check_host(kind, parts)


def host_of(address: str) -> str:
    return _parts(address).hostname or ""


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 -- raises for a port that is no number
    except ValueError as error:
        raise BadAddress("这不是一个网址。请把 Webhook 地址整条复制过来。") from error
    return parts


def _check_host(kind: str, parts: SplitResult) -> None:
    known = HOSTS.get(ChannelKind(kind))
    host = str(parts.hostname)
    if known and host in known and parts.port in {None, 443}:
        _check_key(ChannelKind(kind), parts)
        return
    try:
        guard.refuse_inside(host, parts.port or 443)
    except guard.PointsInside as error:
        raise BadAddress(
            "这个地址指向本单位内部网络，不能用。确需使用内网机器人的，请系统管理员设置"
            " BIANFANG_WEBHOOKS_INSIDE。"
        ) from error
    except (OSError, UnicodeError) as error:
        raise BadAddress(f"找不到「{host}」。请检查地址有没有复制完整。") from error
    if known and not guard.allows_inside():
        raise BadAddress(f"这不是该机器人的地址，应类似 {EXAMPLES[ChannelKind(kind)]}")


def _check_key(kind: ChannelKind, parts: SplitResult) -> None:
    if not KEYS[kind].search(f"{parts.path}?{parts.query}"):
        raise BadAddress(f"地址不完整，缺少{SOURCES[kind]}，把 Webhook 地址整条复制过来。")


def _check_email(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadAddress("邮箱地址不对，应类似 zhangsan@example.gov.cn。") from error
