"""The way of an appeal, as one table (domain §4.5, §2.4). Pure: no Django, no database.

The same table draws the buttons and checks the posts. Whether it is closed nobody decides who
works on it: that follows from what the people who raised it say at the call-back.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from visits.choices import CONTENT, AppealState, CallResult

CLOCKS = {  # working days [D: the first two; domain §4.5 and the issue: the others]
    AppealState.UNASSIGNED: 1,
    AppealState.ISSUED: 1,
    AppealState.HANDLING: 5,
    AppealState.ANSWERED: 2,
}
RETURN_WORKDAYS = 2  # after this an appeal of another is one's own
EXTENSION_WORKDAYS = 10  # at most, and once
TRIES = 3  # calls to one person before the round ends without an answer


class Refused(Exception):
    """Why a step was not taken: one Chinese sentence that says what to do."""


class Part(Enum):
    """What part a person has in one appeal; decided in ``rules``."""

    OFFICE = "作风办"
    UNIT = "承办单位"
    CALLER = "没有参与办理的回访人员"


@dataclass(frozen=True)
class Step:
    """One row of the table.

    ``needs_note``: it carries a text, named by ``note_label``. ``apart``: taken by a form and a
    service of its own, not by the general one. ``asks_category``: its form shows what the
    appeal is about, to set or correct; ``needs_category``: none is taken while nobody has said.
    """

    name: str
    label: str
    sources: frozenset[AppealState]
    target: AppealState
    part: Part
    note_label: str = ""
    needs_unit: bool = False
    needs_number: bool = False
    is_return: bool = False
    apart: bool = False
    asks_category: bool = False
    needs_category: bool = False

    @property
    def needs_note(self) -> bool:
        return bool(self.note_label)

    @property
    def act(self) -> str:
        """What the audit trail calls it, behind the app's name."""
        return f"appeal_{self.name}"


@dataclass(frozen=True)
class Standing:
    """What of one appeal the table asks.

    ``with_unit``: working days since it came to the unit. ``designated``: it came back once,
    and the office has said whose it is. ``taken_up``: nobody sent it to the unit; whoever heard
    it took it up (首接负责). ``redone``: people have been asked, and it was sent back for that.
    """

    state: str
    with_unit: int = 0
    designated: bool = False
    is_late: bool = False
    taken_up: bool = False
    redone: bool = False


S = AppealState
STEPS: tuple[Step, ...] = (
    Step(
        "assign",
        "分派",
        frozenset({S.UNASSIGNED}),
        S.ISSUED,
        Part.OFFICE,
        needs_unit=True,
        asks_category=True,
        needs_category=True,
    ),
    Step(
        "hotline",
        "转12345",
        frozenset({S.UNASSIGNED}),
        S.HOTLINE,
        Part.OFFICE,
        needs_number=True,
        asks_category=True,
        needs_category=True,
    ),
    Step(
        "hotline_result",
        "登记12345办理结果",
        frozenset({S.HOTLINE}),
        S.ANSWERED,
        Part.OFFICE,
        note_label="12345 反馈的办理结果（回访时读给群众听）",
        asks_category=True,
    ),
    Step(
        "renumber",
        "更正工单号",
        frozenset({S.HOTLINE}),
        S.HOTLINE,
        Part.OFFICE,
        note_label="更正说明（原来填的是什么号、错在哪里）",
        needs_number=True,
    ),
    Step(
        "hotline_back",
        "12345退回",
        frozenset({S.HOTLINE}),
        S.UNASSIGNED,
        Part.OFFICE,
        note_label="12345 退回的理由",
        is_return=True,
    ),
    Step("sign", "签收", frozenset({S.ISSUED}), S.HANDLING, Part.UNIT),
    Step(
        "answer",
        "答复",
        frozenset({S.HANDLING}),
        S.ANSWERED,
        Part.UNIT,
        note_label="给群众的答复（做了什么、解决没有；没解决的写明原因和打算）",
        asks_category=True,
        needs_category=True,
    ),
    Step(
        "pause",
        "等待群众补充",
        frozenset({S.HANDLING}),
        S.PAUSED,
        Part.UNIT,
        note_label="要群众补充什么（只有等群众补充时才能停止计时）",
        asks_category=True,
    ),
    Step("resume", "继续办理", frozenset({S.PAUSED}), S.HANDLING, Part.UNIT),
    Step(
        "return",
        "退回",
        frozenset({S.ISSUED, S.HANDLING}),
        S.UNASSIGNED,
        Part.UNIT,
        note_label="退回理由（写清依据和应由谁办）",
        is_return=True,
    ),
    Step(
        "reassign",
        "改派",
        frozenset({S.ISSUED, S.HANDLING, S.PAUSED}),
        S.ISSUED,
        Part.OFFICE,
        note_label="改派理由",
        needs_unit=True,
        is_return=True,
        asks_category=True,
        needs_category=True,
    ),
    Step(
        "merge",
        "并入另一件",
        frozenset({S.UNASSIGNED, S.ISSUED, S.HANDLING}),
        S.MERGED,
        Part.OFFICE,
        note_label="并件理由",
        apart=True,
    ),
    Step(  # to where it stood before; this target only where nobody knows that
        "unmerge",
        "撤销并入",
        frozenset({S.MERGED}),
        S.UNASSIGNED,
        Part.OFFICE,
        note_label="撤销理由（为什么不是同一件事）",
        apart=True,
    ),
    Step("ask", "发起回访", frozenset({S.SETTLED}), S.ANSWERED, Part.CALLER),
    Step("close", "办结", frozenset({S.ANSWERED}), S.CLOSED, Part.CALLER, apart=True),
    Step("redo", "重办", frozenset({S.ANSWERED}), S.HANDLING, Part.CALLER, apart=True),
    Step("lapse", "无法回访办结", frozenset({S.ANSWERED}), S.LAPSED, Part.CALLER, apart=True),
)
BY_NAME = {step.name: step for step in STEPS}
SETTLING = "settle"  # answered on the spot: how an appeal begins, and no step of the table
HANDLING_STEPS = frozenset(  # who has taken one, and his unit, does not call back
    {step.name for step in STEPS if step.part == Part.UNIT} | {"hotline_result", SETTLING}
)
RETURNING_STEPS = frozenset(step.name for step in STEPS if step.is_return) | {"redo"}
MOVED = "这件诉求的状态已经变化，不能再做这一步。请刷新页面查看最新情况。"


def label_of_step(name: str) -> str:
    """What the step of that name is called on its button and in the trail."""
    return BY_NAME[name].label


def steps_open(standing: Standing, parts: Collection[Part]) -> list[Step]:
    """The steps that the person may take now by the general form, those forward first."""
    found = [step for step in STEPS if not step.apart and is_open(step, standing, parts)]
    return sorted(found, key=lambda step: step.is_return)


def is_open(step: Step, standing: Standing, parts: Collection[Part]) -> bool:
    """Whether the person may take the step now, wherever its button stands."""
    may = standing.state in step.sources and step.part in parts
    return may and not _hindrance(step, standing)


def check_step(name: str, *, standing: Standing, parts: Collection[Part], note: str) -> Step:
    """The step of that name, or Refused with what is missing."""
    step = BY_NAME.get(name)
    if step is None or standing.state not in step.sources:
        raise Refused(MOVED)
    if step.part not in parts:
        raise Refused(f"「{step.label}」要由{step.part.value}办理。")
    if hindrance := _hindrance(step, standing):
        raise Refused(hindrance)
    if step.needs_note and not note.strip():
        raise Refused(f"请填写{step.note_label}。")
    return step


def _hindrance(step: Step, standing: Standing) -> str:
    """What in the appeal's own history stands against the step; empty: nothing."""
    if step.name == "pause" and standing.is_late:
        return "已经过了办理时限，不能再停止计时。请抓紧答复。"
    if step.name == "merge" and standing.redone:
        return "这件诉求已经回访过、正在重办，不能并入别的诉求。可以把另一件并入这一件。"
    return _against_return(standing) if step.name == "return" else ""


def _against_return(standing: Standing) -> str:
    if standing.taken_up:
        return (
            "这件诉求是本单位首接的，没有经过分派，不能退回。请牵头办理；要换单位的，请作风办改派。"
        )
    if standing.designated:
        return "这件诉求是退回后由作风办指定的，不能再退回。请牵头办理。"
    if standing.with_unit > RETURN_WORKDAYS:
        return f"分派已超过 {RETURN_WORKDAYS} 个工作日，不能再退回。请牵头办理。"
    return ""


### The call-back


@dataclass(frozen=True)
class Call:
    """What came of one call; ``solved`` is None where nobody was reached."""

    result: str
    solved: bool | None = None

    @property
    def is_content(self) -> bool:
        return self.result in CONTENT and bool(self.solved)

    @property
    def is_contrary(self) -> bool:
        """Reached, and not content or not helped."""
        return self.result != CallResult.UNREACHABLE and not self.is_content


def verdict(voices: Iterable[Sequence[Call]]) -> str:
    """The step that follows from this round's calls, by voice; empty: more calls are needed.

    One person who is dissatisfied or not helped sends it back, whatever the others say; it is
    closed when everybody was asked, and lapses only where nobody of them could be reached.
    """
    heard = [list(calls) for calls in voices]
    if any(call.is_contrary for calls in heard for call in calls):
        return "redo"
    content = [any(call.is_content for call in calls) for calls in heard]
    if not all(said or len(calls) >= TRIES for said, calls in zip(content, heard, strict=True)):
        return ""
    return "close" if any(content) else "lapse"
