"""Reads on call-back links: whose a code is, and whether it still stands."""

import hashlib
from collections.abc import Iterable

from django.utils import timezone

from visits.choices import REACHED, AppealState
from visits.models import CallBack, CallBackLink, Voice
from visits.rules import stands_too_near

LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


def hash_of(code: str) -> str:
    """What is kept of a code, in whatever case and spacing it was typed."""
    tidy = code.upper().replace("-", "").replace(" ", "").translate(LOOK_ALIKES)
    return hashlib.sha256(f"bianfang.call_back:{tidy}".encode()).hexdigest()


def is_known(code: str) -> bool:
    """Whether such a link was ever made: whoever follows a dead one has not guessed."""
    return CallBackLink.objects.filter(code_hash=hash_of(code)).exists()


def standing_link(code: str) -> CallBackLink | None:
    """The link of that code, if an answer on it counts today.

    Not when it was used or is over, when the appeal has moved on, when the person has answered
    otherwise, or when who made it has come too near to the appeal since.
    """
    appeal = "voice__appeal"
    links = CallBackLink.objects.select_related(f"{appeal}__unit__area", f"{appeal}__area")
    open_ones = links.select_related("made_by", f"{appeal}__visit__author").filter(
        used_at=None, until__gte=timezone.localdate()
    )
    link = open_ones.filter(code_hash=hash_of(code)).first()
    return link if link and _stands(link) else None


def _stands(link: CallBackLink) -> bool:
    appeal = link.voice.appeal
    return (
        appeal.state == AppealState.ANSWERED
        and appeal.redo_count == link.round
        and not has_answered(link.voice, link.round)
        and not stands_too_near(link.made_by, appeal)
    )


def has_answered(voice: Voice, round_: int) -> bool:
    """Whether the person has said something in that round."""
    calls = CallBack.objects.filter(voice=voice, round=round_)
    return calls.filter(result__in=sorted(REACHED)).exists()


def links_of(voices: Iterable[Voice], round_: int) -> dict[int, CallBackLink]:
    """By voice, the links of the round that somebody may still answer on."""
    open_ones = CallBackLink.objects.filter(used_at=None, until__gte=timezone.localdate())
    found = open_ones.filter(voice__in=list(voices), round=round_)
    return {link.voice_id: link for link in found}
