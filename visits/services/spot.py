"""Answers given on the spot: one in so many is drawn for a call-back while it is recorded."""

import secrets
from collections.abc import Collection
from uuid import UUID

from core.sampling import falls_on
from visits.models import AnswerSeed

ONE_IN = 10
Answer = tuple[UUID, int]  # the visit's token, and which of its appeals


def drawn_of(campaign: int, answers: Collection[Answer]) -> set[Answer]:
    """Which of them are to be called back; the same whenever it is asked again.

    The token is the client's, the seed nobody's who visits: what is drawn cannot be foreseen.
    """
    if not answers:
        return set()
    seed = _seed_of(campaign)
    return {
        (token, place) for token, place in answers if falls_on(seed, f"{token}:{place}", ONE_IN)
    }


def _seed_of(campaign: int) -> str:
    """Made when the campaign first needs it; of two at one moment both get the one kept."""
    kept, _ = AnswerSeed.objects.get_or_create(
        campaign_id=campaign, defaults={"seed": secrets.token_hex(16)}
    )
    return kept.seed
