"""The way of a problem item, as one table (design §5). Pure: no Django, no database.

A move takes an item from one of its source states to its target, for a person who acts
in a capacity. The same table draws the buttons and checks the posts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from issues.choices import SETTLED, Level, State


class Capacity(Enum):
    """In what capacity a person stands before one item; decided in ``rules``."""

    AUTHOR = "本人"
    KEEPER = "清单编制人"
    RESPONSIBLE = "整改责任人"
    UNIT_LEADER = "单位负责人"
    OFFICE = "作风办"
    DISCIPLINE = "纪委监委"


class Refused(Exception):
    """The move may not be made; the Chinese text says why."""


@dataclass(frozen=True)
class Move:
    """One row of the table.

    ``needs_note``: the move must carry a reason or an account. ``needs_proof``: whoever makes
    it proves first that he is still the one who signed in. ``needs_due``: it sets a new
    deadline. ``waits``: until it is made, the item waits for whoever may make it.
    ``with_list``: it is made for all items of a unit's list at once, and has no button.
    """

    name: str
    label: str
    sources: frozenset[State]
    target: State
    capacity: Capacity
    note_label: str = ""
    needs_note: bool = False
    needs_evidence: bool = False
    needs_proof: bool = False
    needs_due: bool = False
    waits: bool = True
    is_return: bool = False
    confirmation: str = ""
    with_list: bool = False
    levels: frozenset[Level] = frozenset(Level)

    @property
    def asks_evidence(self) -> bool:
        """Whether it sends an item back to be put right, and may say what it would like to see."""
        return self.is_return and self.target == State.RECTIFYING

    def fits(self, state: str, level: str) -> bool:
        return state in self.sources and level in self.levels


def _move(
    name: str,
    label: str,
    sources: Collection[State],
    target: State,
    capacity: Capacity,
    **more: object,
) -> Move:
    return Move(name, label, frozenset(sources), target, capacity, **more)  # type: ignore[arg-type]


def _return(
    name: str, label: str, source: State, target: State, capacity: Capacity, **more: object
) -> Move:
    return _move(
        name,
        label,
        {source},
        target,
        capacity,
        note_label="退回理由（写清缺什么、怎么改）",
        needs_note=True,
        is_return=True,
        **more,
    )


PERSONAL = frozenset({Level.PERSONAL})
UNIT = frozenset({Level.UNIT})
SIGN_OFF_WARNING = "销号后内容和佐证不能再改，您的签名将与所见内容绑定。确定销号吗？"

WITHDRAWING = "撤回后不能再提交，文字仍保留在记录中。确定撤回吗？"
LEAST_REASON = 4  # signs of the reason of a return
REVIEWING = frozenset({Capacity.UNIT_LEADER, Capacity.OFFICE, Capacity.DISCIPLINE})

MOVES: tuple[Move, ...] = (
    _move(
        "submit", "提交单位审核", {State.DRAFT}, State.SUBMITTED, Capacity.AUTHOR, levels=PERSONAL
    ),
    _move(
        "submit",
        "随清单提交",
        {State.DRAFT},
        State.SUBMITTED,
        Capacity.KEEPER,
        with_list=True,
        levels=UNIT,
    ),
    _move(
        "withdraw",
        "撤回",
        {State.DRAFT, State.SUBMITTED},
        State.WITHDRAWN,
        Capacity.AUTHOR,
        note_label="撤回原因",
        needs_note=True,
        waits=False,
        confirmation=WITHDRAWING,
        levels=PERSONAL,
    ),
    _move(
        "withdraw",
        "撤回",
        {State.DRAFT},
        State.WITHDRAWN,
        Capacity.KEEPER,
        note_label="撤回原因",
        needs_note=True,
        waits=False,
        confirmation=WITHDRAWING,
        levels=UNIT,
    ),
    _move(
        "confirm",
        "确认",
        {State.SUBMITTED},
        State.CONFIRMED,
        Capacity.UNIT_LEADER,
        levels=PERSONAL,
    ),
    _move(
        "confirm",
        "随清单确认",
        {State.SUBMITTED},
        State.CONFIRMED,
        Capacity.UNIT_LEADER,
        with_list=True,
        levels=UNIT,
    ),
    _return(
        "return",
        "退回修改",
        State.SUBMITTED,
        State.DRAFT,
        Capacity.UNIT_LEADER,
        levels=PERSONAL,
    ),
    _return(
        "return",
        "随清单退回",
        State.SUBMITTED,
        State.DRAFT,
        Capacity.UNIT_LEADER,
        with_list=True,
        levels=UNIT,
    ),
    _move("file", "审核备案", {State.CONFIRMED}, State.RECTIFYING, Capacity.OFFICE),
    _return("office_return", "退回修改", State.CONFIRMED, State.DRAFT, Capacity.OFFICE),
    _move(
        "apply",
        "申请销号",
        {State.RECTIFYING},
        State.APPLIED,
        Capacity.RESPONSIBLE,
        note_label="整改结果（做了什么、改到什么程度）",
        needs_note=True,
        needs_evidence=True,
    ),
    _move("unit_sign", "审签同意", {State.APPLIED}, State.UNIT_SIGNED, Capacity.UNIT_LEADER),
    _return("unit_refuse", "退回整改", State.APPLIED, State.RECTIFYING, Capacity.UNIT_LEADER),
    _move(
        "office_pass",
        "审核通过",
        {State.UNIT_SIGNED},
        State.OFFICE_PASSED,
        Capacity.OFFICE,
        levels=UNIT,
    ),
    _return(
        "office_refuse",
        "退回整改",
        State.UNIT_SIGNED,
        State.RECTIFYING,
        Capacity.OFFICE,
        levels=UNIT,
    ),
    _move(
        "sign_off",
        "销号",
        {State.UNIT_SIGNED},
        State.CLOSED,
        Capacity.DISCIPLINE,
        confirmation=SIGN_OFF_WARNING,
        needs_proof=True,
        levels=PERSONAL,
    ),
    _move(
        "sign_off",
        "销号",
        {State.OFFICE_PASSED},
        State.CLOSED,
        Capacity.DISCIPLINE,
        confirmation=SIGN_OFF_WARNING,
        needs_proof=True,
        levels=UNIT,
    ),
    _return(
        "refuse",
        "退回整改",
        State.UNIT_SIGNED,
        State.RECTIFYING,
        Capacity.DISCIPLINE,
        levels=PERSONAL,
    ),
    _return(
        "refuse",
        "退回整改",
        State.OFFICE_PASSED,
        State.RECTIFYING,
        Capacity.DISCIPLINE,
        levels=UNIT,
    ),
    _move(
        "consolidate",
        "回头看：巩固",
        {State.CLOSED},
        State.CONSOLIDATED,
        Capacity.DISCIPLINE,
        note_label="怎么看的、看到了什么",
        needs_note=True,
        waits=False,
    ),
    _move(
        "relapse",
        "回头看：反弹",
        SETTLED,
        State.RECTIFYING,
        Capacity.DISCIPLINE,
        note_label="反弹的事实（时间、地点、什么事）",
        needs_note=True,
        needs_due=True,
        needs_proof=True,
        waits=False,
        confirmation="问题将按原编号重新整改，反弹次数加一，原来的销号留在记录中。确定反弹吗？",
    ),
)


NO_EVIDENCE = "申请销号前请至少上传一份佐证材料；反弹过的，要有反弹以后的新材料。"
PASSES = frozenset({"unit_sign", "office_pass"})  # what the signer of a sign-off checks
RETURNS = frozenset(move.name for move in MOVES if move.is_return)
PROVEN = frozenset(move.name for move in MOVES if move.needs_proof)


def label_of(name: str) -> str:
    """What the step of that name is called on its button and in the history."""
    return next(move.label for move in MOVES if move.name == name)


def capacity_of(name: str) -> Capacity:
    """In what capacity the step of that name is taken."""
    return next(move.capacity for move in MOVES if move.name == name)


def available(state: str, level: str, capacities: Collection[Capacity]) -> list[Move]:
    """The moves of this item alone that the person may make now, forward ones first."""
    found = [
        move
        for move in MOVES
        if move.fits(state, level) and move.capacity in capacities and not move.with_list
    ]
    return sorted(found, key=lambda move: move.is_return)


def next_capacities(state: str, level: str) -> frozenset[Capacity]:
    """In what capacity a review of this item is waited for from here."""
    forward = [
        move
        for move in MOVES
        if move.fits(state, level) and move.waits and not move.is_return and not move.with_list
    ]
    return frozenset(move.capacity for move in forward) & REVIEWING


def check(
    name: str,
    *,
    state: str,
    level: str,
    capacities: Collection[Capacity],
    note: str,
    evidence_count: int,
    has_due: bool = False,
    with_list: bool = False,
) -> Move:
    """The move of that name, or Refused with what is missing.

    ``with_list``: it is made for a whole list; such moves are made in no other way.
    """
    rows = [move for move in MOVES if move.name == name and move.fits(state, level)]
    if not rows:
        raise Refused("这个问题的状态已经变化，不能再做这一步。请刷新页面查看最新情况。")
    move = rows[0]
    if move.with_list is not with_list:
        raise Refused("单位层面的问题随单位问题清单一起提交和确认，请到单位清单页办理。")
    if move.capacity not in capacities:
        raise Refused(f"「{move.label}」要由{move.capacity.value}办理，本人的问题不能由本人审签。")
    if move.needs_note and not note.strip():
        raise Refused(f"请填写{move.note_label}。")
    if move.is_return and sum(map(str.isalnum, note)) < LEAST_REASON:
        raise Refused("退回理由太短，看的人不知道怎么改：请写清哪一处、缺什么、怎么改。")
    if move.needs_evidence and not evidence_count:
        raise Refused(NO_EVIDENCE)
    if move.needs_due and not has_due:
        raise Refused("请定下新的整改时限。")
    return move
