"""One message to one channel: what it says, who carries it, and what is noted of failures."""

from django.conf import settings
from django.utils import timezone

from core.choices import ChannelKind
from core.models import Channel, Digest
from core.notices import addresses, mail, robots
from core.notices.carriers import CannotDeliver, Text, Unreachable

__all__ = ["CannotDeliver", "Delivery", "deliver_text"]


class Delivery:
    """A run of deliveries: what does not answer once is not asked again in it."""

    def __init__(self) -> None:
        self._silent: dict[str, str] = {}

    def deliver(self, channel: Channel, digest: Digest, summary: str, count: int) -> None:
        """Raises CannotDeliver, after noting it at the channel."""
        text = Text(
            subject=f"遍访提醒：{summary}",
            body=f"【遍访】您今天有 {count} 项提醒：{summary}。{_where()}",
            key=f"digest-{digest.pk}",
        )
        place = _place(channel)
        if place in self._silent:
            raise CannotDeliver(self._silent[place])
        try:
            deliver_text(channel, text)
        except Unreachable as error:
            self._silent[place] = str(error)
            raise


def deliver_text(channel: Channel, text: Text) -> None:
    """Hand the text over and note at the channel how it went. Raises CannotDeliver."""
    try:
        carry = mail.carry if channel.kind == ChannelKind.EMAIL else robots.carry
        carry(channel, text)
    except CannotDeliver as error:
        _note_failure(channel, str(error))
        raise
    Channel.objects.filter(pk=channel.pk).update(
        delivered_at=timezone.now(), failing_since=None, error=""
    )


def _note_failure(channel: Channel, reason: str) -> None:
    found = Channel.objects.filter(pk=channel.pk)
    found.update(error=reason[:200])
    found.filter(failing_since=None).update(failing_since=timezone.now())


def _place(channel: Channel) -> str:
    """What is silent together: the mail server, or all robots of one host."""
    if channel.kind == ChannelKind.EMAIL:
        return "mail"
    return addresses.host_of(channel.address.open())


def _where() -> str:
    return f"请登录查看：{settings.BASE_URL}/inbox/" if settings.BASE_URL else "请登录遍访查看。"
