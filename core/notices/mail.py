"""E-mail by the operator's own server."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from core.models import Channel
from core.notices.carriers import CannotDeliver, Text, Unreachable


def carry(channel: Channel, text: Text) -> None:
    """Send it; the Message-ID is the same when it is sent again. Raises CannotDeliver."""
    if not settings.EMAIL_HOST:
        raise Unreachable("邮件服务器还没有设置，请系统管理员设置 BIANFANG_EMAIL_URL。")
    sender = settings.DEFAULT_FROM_EMAIL
    identity = f"<{text.key}@{sender.rpartition('@')[2].strip('>')}>"
    message = EmailMessage(
        text.subject, text.body, to=[channel.address.open()], headers={"Message-ID": identity}
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise CannotDeliver("邮件服务器不接受这个邮箱地址，请检查有没有写错。") from error
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable("邮件服务器不接受账号和密码，请系统管理员检查。") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable("邮件服务器没有应答，稍后会再试。") from error
