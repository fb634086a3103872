"""A person's ways beside the box: set up, tried, dropped."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.channel_forms import HINTS, ChannelForm
from core.choices import ChannelKind
from core.models import Channel, Digest, Job
from core.notices import addresses, channels, outbox
from core.permissions import needs, person_of, signed_in


@dataclass(frozen=True)
class Row:
    """A kind with the person's channel of it, the last trial, and what could not be sent."""

    kind: ChannelKind
    channel: Channel | None
    trial: Job | None = None
    failed: int = 0


@require_safe
@needs(signed_in)
def channel_list(request: HttpRequest) -> HttpResponse:
    context = {"rows": _rows(person_of(request)), "hours": outbox.hours_text()}
    return render(request, "core/channels.html", context)


def _rows(person: Model) -> list[Row]:
    own = {channel.kind: channel for channel in Channel.objects.filter(person_id=person.pk)}
    trials: dict[int, Job] = {}
    tried = Job.objects.filter(owner_id=person.pk, kind=channels.TRIAL).order_by("-queued_at")
    for job in tried[: len(ChannelKind) * 3]:
        trials.setdefault(job.arguments["channel"], job)
    failed = Digest.objects.filter(person_id=person.pk, state=Digest.State.FAILED)
    ways = list(failed.values_list("way", flat=True))
    return [
        Row(kind, found, trials.get(found.pk) if found else None, ways.count(kind))
        for kind in ChannelKind
        if (found := own.get(kind)) or kind in channels.offered()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(signed_in)
def channel_set(request: HttpRequest, kind: str) -> HttpResponse:
    known = _known(kind)
    cancel_url = reverse("core:channel-list")
    form = ChannelForm(request.POST or None, kind=known, cancel_url=cancel_url)
    if request.method == "POST" and form.is_valid():
        try:
            channels.set_channel(person=person_of(request), kind=known, **form.cleaned_data)
        except addresses.BadAddress as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, "已保存。请按「测试」，看看能不能收到。")
            return redirect("core:channel-list")
    context = {"form": form, "kind": known, "hints": HINTS[known]}
    return render(request, "core/channel_form.html", context)


@require_POST
@needs(signed_in)
def channel_try(request: HttpRequest, kind: str) -> HttpResponse:
    """Let the worker send a message of trial; the list shows how it went."""
    channels.request_trial(channel=_own(request, kind), person=person_of(request))
    return redirect("core:channel-list")


@require_POST
@needs(signed_in)
def channel_send_again(request: HttpRequest, kind: str) -> HttpResponse:
    outbox.try_again(person=person_of(request), way=_own(request, kind).kind)
    messages.success(request, "将在工作时间内重新发送。")
    return redirect("core:channel-list")


@require_POST
@needs(signed_in)
def channel_drop(request: HttpRequest, kind: str) -> HttpResponse:
    channels.drop_channel(channel=_own(request, kind), actor=person_of(request))
    messages.success(request, "已停用，以后只在「我的消息」里提醒。")
    return redirect("core:channel-list")


def _own(request: HttpRequest, kind: str) -> Channel:
    return get_object_or_404(Channel, person_id=request.user.pk, kind=kind)


def _known(kind: str) -> ChannelKind:
    """Raises Http404 for what is not offered here."""
    known = {str(each): each for each in channels.offered()}.get(kind)
    if known is None:
        raise Http404
    return known
