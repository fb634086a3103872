"""The rates of appeals, each with its parts (domain §4.5). Pure: no Django, no database.

What is not yet due and not yet done stands outside the denominators of the rates that speak of
time; who could not be reached stands outside those that speak of what people said. What was
late once stays late, whatever became of it. Decision 027 says what is meant by each.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """How many appeals; ``dispatched`` and ``returned`` count dispatches.

    Of merged ones only what went wrong before: late, sent back for redoing, returned.
    ``settled`` were answered on the spot. Of these only the ``settled_asked``, which were drawn or
    opened for a call-back, are among the ``raised`` and the others: nobody has been asked about
    the rest, and they stand on neither side of any rate.
    """

    raised: int = 0
    ended: int = 0
    signed_in_time: int = 0
    signed_late: int = 0  # or still unsigned after the deadline, or gone from there
    answered_in_time: int = 0
    answered_late: int = 0  # or still unanswered after the deadline, or gone from there
    called: int = 0  # to the end, in the last round
    uncalled_late: int = 0  # in any round
    satisfied: int = 0
    basically: int = 0
    dissatisfied: int = 0
    solved: int = 0
    redone: int = 0
    judged: int = 0  # called to the end in any round
    dispatched: int = 0
    returned: int = 0
    settled: int = 0
    settled_asked: int = 0

    @property
    def spot_line(self) -> str:
        """The line of its own of what was answered on the spot."""
        return f"当场答复 {self.settled} 件，其中抽查回访 {self.settled_asked} 件"

    @property
    def answered(self) -> int:
        return self.answered_in_time + self.answered_late

    @property
    def reached(self) -> int:
        """有效回访: somebody was reached and answered."""
        return self.satisfied + self.basically + self.dissatisfied


@dataclass(frozen=True)
class Rate:
    """``n`` of ``d``; no percentage where there is nothing to divide by."""

    name: str
    n: int
    d: int
    formula: str

    @property
    def percent(self) -> float | None:
        return self.n * 100 / self.d if self.d else None

    @property
    def rest(self) -> int:
        return max(self.d - self.n, 0)


BY_UNIT = ("按时签收率", "回退率", "按时办结率", "满意率", "解决率")  # side by side


def rates_of(counts: Counts) -> tuple[Rate, ...]:
    """The eight rates, in the order in which an appeal meets them."""
    c = counts
    return (
        Rate(
            "按时签收率",
            c.signed_in_time,
            c.signed_in_time + c.signed_late,
            "时限内签收 / 应签收（没到期又没签收的不算）",
        ),
        Rate("回退率", c.returned, c.dispatched, "退回件 / 派单数"),
        Rate(
            "办结率",
            c.ended,
            c.raised,
            "已办结 / 应办结（提出的都应办结；并件的不另算，当场答复没回访的不算）",
        ),
        Rate(
            "按时办结率",
            c.answered_in_time,
            c.answered,
            "时限内办结答复 / 到期应办结（没到期又没答复的不算，重办的按重办算）",
        ),
        Rate(
            "回访率",
            c.called,
            c.called + c.uncalled_late,
            "已回访 / 已办结答复（没到回访时限的、正在重办的不算）",
        ),
        Rate(
            "满意率",
            c.satisfied + c.basically,
            c.reached,
            "满意和基本满意 / 有效回访（联系不上的不算）",
        ),
        Rate("解决率", c.solved, c.reached, "回访确认已解决 / 有效回访"),
        Rate("重办率", c.redone, c.judged, "重办件 / 已办结（办结后要求重办的也在内）"),
    )
