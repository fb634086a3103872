"""The way of a supervision slip, as one table (domain §2.4). Pure: no Django, no database.

Like ``workflow``: the same table draws the buttons and checks the posts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from issues.choices import SlipState
from issues.workflow import Refused


class Part(Enum):
    """What part a person has in one slip; decided in ``rules``."""

    HANDLER = "承办单位"
    UNIT_LEADER = "单位负责人"
    DISCIPLINE = "纪委监委"


@dataclass(frozen=True)
class Step:
    """One row of the table.

    ``needs_note``: it carries a text, named by ``note_label``. ``needs_proof``: whoever takes
    it proves first that he is still the one who signed in. ``renews``: the deadline counts
    anew. ``waits``: until it is taken, the slip waits for whoever may take it.
    """

    name: str
    label: str
    sources: frozenset[SlipState]
    target: SlipState
    part: Part
    note_label: str = ""
    needs_proof: bool = False
    renews: bool = False
    waits: bool = True
    is_return: bool = False
    confirmation: str = ""

    @property
    def needs_note(self) -> bool:
        return bool(self.note_label)

    @property
    def act(self) -> str:
        """What the audit trail calls it, behind the app's name."""
        return f"slip_{self.name}"


STEPS: tuple[Step, ...] = (
    Step("receive", "签收", frozenset({SlipState.ISSUED}), SlipState.RECEIVED, Part.HANDLER),
    Step(
        "answer",
        "报送办理结果",
        frozenset({SlipState.RECEIVED}),
        SlipState.ANSWERED,
        Part.HANDLER,
        note_label="办理结果（做了什么、问题解决没有；没办完的写明进展、原因和打算）",
    ),
    Step("sign", "审签同意", frozenset({SlipState.ANSWERED}), SlipState.SIGNED, Part.UNIT_LEADER),
    Step(
        "send_back",
        "退回补充",
        frozenset({SlipState.ANSWERED}),
        SlipState.RECEIVED,
        Part.UNIT_LEADER,
        note_label="退回理由（写清缺什么、怎么补）",
        is_return=True,
    ),
    Step(
        "close",
        "审结",
        frozenset({SlipState.SIGNED}),
        SlipState.CLOSED,
        Part.DISCIPLINE,
        note_label="审结意见（事实清不清、问题解决没有、办法合不合规定）",
        needs_proof=True,
    ),
    Step(
        "redo",
        "退回重办",
        frozenset({SlipState.SIGNED}),
        SlipState.RECEIVED,
        Part.DISCIPLINE,
        note_label="退回理由（写清哪里没办好、要办到什么程度）",
        renews=True,
        is_return=True,
    ),
    Step(
        "withdraw",
        "撤销",
        frozenset({SlipState.ISSUED, SlipState.RECEIVED}),
        SlipState.WITHDRAWN,
        Part.DISCIPLINE,
        note_label="撤销原因",
        waits=False,
        confirmation="撤销后编号保留，不再使用，单位不用再办理。确定撤销吗？",
    ),
)
RETURNING_STEPS = frozenset(step.name for step in STEPS if step.is_return)
UNIT_STEPS = frozenset(step.name for step in STEPS if step.part != Part.DISCIPLINE)
PROVEN_STEPS = frozenset(step.name for step in STEPS if step.needs_proof)


def label_of_step(name: str) -> str:
    """What the step of that name is called on its button and in the trail."""
    return next(step.label for step in STEPS if step.name == name)


def steps_open(state: str, parts: Collection[Part]) -> list[Step]:
    """The steps that the person may take now, those forward first."""
    found = [step for step in STEPS if state in step.sources and step.part in parts]
    return sorted(found, key=lambda step: (step.is_return, not step.waits))


def part_next(state: str) -> Part | None:
    """Whose step is waited for; None where the slip has come to its end."""
    forward = (s for s in STEPS if state in s.sources and s.waits and not s.is_return)
    return next((step.part for step in forward), None)


def check_step(name: str, *, state: str, parts: Collection[Part], note: str) -> Step:
    """The step of that name, or Refused with what is missing."""
    rows = [step for step in STEPS if step.name == name and state in step.sources]
    if not rows:
        raise Refused("这张督办单的状态已经变化，不能再做这一步。请刷新页面查看最新情况。")
    step = rows[0]
    if step.part not in parts:
        raise Refused(f"「{step.label}」要由{step.part.value}办理，自己报送的结果不能自己审。")
    if step.needs_note and not note.strip():
        raise Refused(f"请填写{step.note_label}。")
    return step
