"""Several appeals to 12345 at once: each a step of the usual way, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import audit
from organisation.models import User
from visits.appeal_way import Refused
from visits.choices import AppealState
from visits.models import Appeal
from visits.services.appeal_steps import Given, Stale, take_appeal_step

AT_MOST = 50  # numbers that somebody types in one go


@dataclass(frozen=True)
class Handed:
    """What the page in between sends for one appeal: its number there, the steps it showed.

    ``category``: what it is about, where nobody has said so far.
    """

    appeal: Appeal
    number: str
    seen: int
    category: str = ""


class NotHanded(Exception):
    """Why none of them went; ``appeal`` is the one that held them up."""

    def __init__(self, appeal: Appeal, why: str) -> None:
        super().__init__(why)
        self.appeal = appeal


@audit.atomic
def hand_over(*, lines: Sequence[Handed], actor: User) -> int:
    """Take the step to 12345 for each, or for none; how many are there now.

    Sent again it changes nothing. Raises NotHanded with the first that cannot go, and
    PermissionDenied without a part in one; audited by each step.
    """
    for line in sorted(lines, key=lambda each: each.appeal.pk):
        if not _is_there(line):
            _hand(line, actor)
    return len(lines)


def _is_there(line: Handed) -> bool:
    """By this very step: the form came twice."""
    appeal = line.appeal
    same = appeal.state == AppealState.HOTLINE and appeal.hotline_number == line.number.strip()
    return same and appeal.step_count == line.seen + 1


def _hand(line: Handed, actor: User) -> None:
    given = Given(number=line.number, category=line.category)
    try:
        take_appeal_step(
            appeal=line.appeal, name="hotline", actor=actor, seen=line.seen, given=given
        )
    except (Refused, Stale) as why:
        raise NotHanded(line.appeal, str(why)) from why
