"""Robots of work groups: 企业微信, 钉钉 and 飞书 by hand, all others through apprise.

The three answer 200 also when they refuse, with a code in the body, which apprise does not
read (docs/decisions/015); a message that they refuse must not pass for sent.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from core.choices import ChannelKind
from core.models import Channel
from core.notices import guard
from core.notices.carriers import CannotDeliver, Text, Unreachable

TIMEOUT = (5, 10)  # seconds to connect, and between two pieces of the answer
LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Post:
    """What is posted: the body, and what is added to the address."""

    body: dict[str, Any]
    query: dict[str, str] = field(default_factory=dict)


def carry(channel: Channel, text: Text) -> None:
    """Post the text to the robot's address. Raises CannotDeliver."""
    address = channel.address.open()
    with guard.outside_only():
        if write := _WRITERS.get(ChannelKind(channel.kind)):
            _post(address, write(text.body, channel.secret.open()))
        else:
            _through_apprise(address, text)


### The three


def _wecom(text: str, _secret: str) -> Post:
    return Post({"msgtype": "text", "text": {"content": text}})


def _dingtalk(text: str, secret: str) -> Post:
    """With 加签 the address carries the time in milliseconds and its signature."""
    if not secret:
        return _wecom(text, secret)
    stamp = str(round(time.time() * 1000))
    signature = _signed(secret.encode(), f"{stamp}\n{secret}".encode())
    return Post(_wecom(text, secret).body, {"timestamp": stamp, "sign": signature})


def _feishu(text: str, secret: str) -> Post:
    """With 签名校验 the body carries the time in seconds; the text signed is the key."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if not secret:
        return Post(body)
    stamp = str(round(time.time()))
    return Post(body | {"timestamp": stamp, "sign": _signed(f"{stamp}\n{secret}".encode(), b"")})


_WRITERS: dict[ChannelKind, Callable[[str, str], Post]] = {
    ChannelKind.WECOM: _wecom,
    ChannelKind.DINGTALK: _dingtalk,
    ChannelKind.FEISHU: _feishu,
}


def _signed(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def _post(address: str, post: Post) -> None:
    try:
        with requests.post(
            address,
            params=post.query,
            json=post.body,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            answer = response.raw.read(LONGEST_ANSWER, decode_content=True)
    except requests.RequestException as error:
        raise Unreachable("机器人的地址没有应答，稍后会再试。") from error
    if response.status_code != requests.codes.ok:
        raise CannotDeliver(f"机器人拒绝了消息（{response.status_code}），请检查地址。")
    _read_code(answer)


def _read_code(answer: bytes) -> None:
    """All three answer 200 to everything and say in the body whether they took it."""
    try:
        found = json.loads(answer)
        code = found.get("errcode", found.get("code", found.get("StatusCode")))
        reason = str(found.get("errmsg") or found.get("msg") or "")
    except (ValueError, AttributeError) as error:
        raise CannotDeliver("对方的回答不是机器人的，请检查地址。") from error
    if code != 0:
        raise CannotDeliver(f"机器人没有接收：{reason[:100]}（{code}）")


### All others


def _through_apprise(address: str, text: Text) -> None:
    """By the service that apprise knows the address of, or else as JSON posted to it."""
    from apprise import Apprise, AppriseAsset  # takes 20 MB: only where it is needed

    asset = AppriseAsset(app_id="Bianfang", async_mode=False, http_redirects=False)
    service = Apprise.instantiate(address, asset=asset)
    service = service or Apprise.instantiate(_as_json(address), asset=asset)
    if not service:
        raise CannotDeliver("这个地址不能用来发消息，请检查有没有复制完整。")
    service.verify_certificate, service.redirects = True, False
    if not service.notify(body=text.body, title="遍访"):
        raise CannotDeliver("对方没有接收消息，请检查地址；稍后会再试。")


def _as_json(address: str) -> str:
    """apprise reads its own options from the address, so what is the address's is marked."""
    parts = urlsplit(address)
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = "&".join(f"-{name}={value}" for name, _, value in pairs)
    return f"jsons://{parts.netloc}{quote(parts.path, safe='/%')}" + (f"?{query}" if query else "")
