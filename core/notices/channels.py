"""A person sets up, tries and drops the ways beside the box."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Count, Min

from core import audit
from core.choices import ChannelKind
from core.jobs import JobError, Running, request_job
from core.models import Channel, Digest, Job
from core.notices import addresses
from core.notices.carriers import CannotDeliver, Text
from core.notices.delivery import deliver_text

TRIAL = "core.try_channel"


def offered() -> list[ChannelKind]:
    """The kinds that can be set up here: e-mail only where a server is set."""
    return [kind for kind in ChannelKind if kind != ChannelKind.EMAIL or settings.EMAIL_HOST]


@dataclass(frozen=True)
class Failing:
    """Channels of one kind that fail: how many, and since when."""

    kind: ChannelKind
    count: int
    since: datetime


def failing() -> list[Failing]:
    """What does not reach its people, the longest first. Whose it is, and what the other
    side said, stays with the owner."""
    broken = Channel.objects.filter(failing_since__isnull=False).values("kind")
    rows = broken.annotate(count=Count("pk"), since=Min("failing_since")).order_by("since")
    return [Failing(ChannelKind(row["kind"]), row["count"], row["since"]) for row in rows]


@audit.atomic
def set_channel(*, person: models.Model, kind: str, address: str, secret: str = "") -> Channel:
    """Enter or replace the person's channel of that kind. Raises addresses.BadAddress."""
    addresses.check(kind, address)
    values = {"address": address, "secret": secret, "failing_since": None, "error": ""}
    channel, _ = Channel.objects.update_or_create(
        person_id=person.pk, kind=kind, defaults=values | {"delivered_at": None}
    )
    audit.record(actor=person, act="notices.set_channel", subject=channel, kind=kind)
    return channel


@audit.atomic
def drop_channel(*, channel: Channel, actor: models.Model) -> None:
    """Take it away; what waits for it is not sent."""
    waiting = Digest.objects.filter(person=channel.person_id, way=channel.kind)
    waiting.filter(state__in=[Digest.State.WAITING, Digest.State.FAILED]).update(
        state=Digest.State.QUIET, claim=None, lease_until=None
    )
    audit.record(actor=actor, act="notices.drop_channel", subject=channel, kind=channel.kind)
    channel.delete()


def request_trial(*, channel: Channel, person: models.Model) -> Job:
    """Let the worker try the channel: it is the worker that will have to reach it."""
    title = f"测试{channel.get_kind_display()}"
    return request_job(kind=TRIAL, title=title, owner=person, channel=channel.pk)


def try_channel(running: Running) -> None:
    """Send a message of trial; a failure is the job's message."""
    channel = Channel.objects.filter(pk=running.job.arguments["channel"]).first()
    if channel is None or channel.person_id != running.job.owner_id:
        raise JobError("这个提醒渠道已经删除。")
    text = Text(
        subject="遍访：测试消息",
        body="【遍访】这是一条测试消息。收到它，说明每天的提醒可以送到这里。",
        key=f"test-{uuid4().hex}",
    )
    try:
        deliver_text(channel, text)
    except CannotDeliver as error:
        raise JobError(str(error)) from error
    running.finish(outcome={"delivered": True})
