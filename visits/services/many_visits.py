"""Writing down many visits of one author at once: the same as one by one, in few statements."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from campaign.models import Campaign
from core.uploads import Outrun
from organisation.models import User
from visits.coverage import state_after
from visits.entry import text_key
from visits.models import Target, Visit
from visits.services.appeals import AppealDraft, open_many_appeals
from visits.services.counters import Class, class_of, hold, shift_counts
from visits.services.entry_days import fault_of_visit
from visits.services.visit import answers_in, fingerprint
from visits.sheet.reading import Line

NAMESPACE = UUID("9f0c1f5e-6a43-5c0e-9a7b-1f6f3b1c7d20")  # of the tokens of visits from paper
KEYS_AT_ONCE = 900  # SQLite takes 999 parameters
VISITS_AT_ONCE = 60


@dataclass(frozen=True)
class PaperVisit:
    """One line of the paper with the target that it is about."""

    line: Line
    target: Target
    token: UUID

    @property
    def drafts(self) -> list[AppealDraft]:
        line = self.line
        if not line.appeal or line.handling is None:
            return []
        return [AppealDraft(line.appeal, line.handling, line.category, line.answer)]


def token_of(campaign: Campaign, author: User, target: Target, line: Line) -> UUID:
    """The same for the same line of the same author, so that a repeated import adds nothing."""
    content = fingerprint(line.content)
    parts = (campaign.pk, target.pk, author.pk, line.visited_on, content)
    return uuid5(NAMESPACE, "|".join(map(str, parts)))


def write_visits(
    *,
    campaign: Campaign,
    author: User,
    entered_by: User,
    visits: Sequence[PaperVisit],
    received_at: datetime,
) -> list[Visit]:
    """Save the visits, move states and counters, open the appeals; part of an import.

    Targets are held in one order before the counters, as for a single visit. Raises Outrun
    where one was struck off the register meanwhile, or where midnight has made one late.
    """
    now = _held({visit.target.pk for visit in visits})
    if any(target.struck_at for target in now.values()):
        raise Outrun
    if any(_fault(campaign, each.line, received_at) for each in visits):
        raise Outrun
    rows = [_row(each, author, entered_by, received_at) for each in visits]
    saved = Visit.objects.bulk_create(rows, batch_size=VISITS_AT_ONCE)
    _move(campaign, now, saved)
    raised = [
        (visit, now[visit.target_id], draft)
        for visit, each in zip(saved, visits, strict=True)
        for draft in each.drafts
    ]
    open_many_appeals(author=author, campaign=campaign.pk, raised=raised)
    return saved


def _fault(campaign: Campaign, line: Line, received_at: datetime) -> str:
    return fault_of_visit(
        campaign,
        visited_on=line.visited_on,
        received_at=received_at,
        late_reason=line.late_reason,
    )


def _held(keys: set[int]) -> dict[int, Target]:
    ordered = sorted(keys)
    return {
        target.pk: target
        for start in range(0, len(ordered), KEYS_AT_ONCE)
        for target in hold(*ordered[start : start + KEYS_AT_ONCE])
    }


def _row(each: PaperVisit, author: User, entered_by: User, received_at: datetime) -> Visit:
    line = each.line
    said = (line.visited_on, line.way, line.outcome, line.companions, line.heard)
    hour = [line.began] if line.began else []
    return Visit(
        token=each.token,
        target=each.target,
        author=author,
        entered_by=None if entered_by.pk == author.pk else entered_by,
        visited_on=line.visited_on,
        began=line.began,
        way=line.way,
        outcome=line.outcome,
        companions=line.companions,
        heard=line.heard,
        late_reason=line.late_reason,
        received_at=received_at,
        sha256=fingerprint(*said, line.late_reason, each.drafts, *hour, *answers_in(each.drafts)),
        text_key=text_key(line.heard),
    )


def _move(campaign: Campaign, now: dict[int, Target], saved: Sequence[Visit]) -> None:
    """What all visits together make of each target, and the counters by the difference."""
    shifts: Counter[tuple[Class, str]] = Counter()
    for visit in saved:
        target = now[visit.target_id]
        after = state_after(target.state, visit.outcome)
        if after != target.state:
            shifts[class_of(target), target.state] -= 1
            shifts[class_of(target), after] += 1
        target.state = after
        target.last_visited_on = max(visit.visited_on, target.last_visited_on or visit.visited_on)
        target.taken_by = target.taken_until = None
    names = ["state", "last_visited_on", "taken_by", "taken_until"]
    Target.objects.bulk_update(now.values(), names, batch_size=VISITS_AT_ONCE)
    shift_counts(campaign, [(of, state, n) for (of, state), n in sorted(shifts.items()) if n])
