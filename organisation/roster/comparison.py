"""Entries of a roster against the people there are: who comes, moves, changes, leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from core.columns import Rejected, RowError
from organisation.roster.faults import Fault
from organisation.roster.fields import LOGIN, SINCE, STATUS, UNIT, as_written
from organisation.roster.people import GOOD_LOGIN, Directory, Entry


class Act(Enum):
    """What the import does with one person; the value is the word of the report."""

    CREATE = "created"
    MOVE = "moved"
    CHANGE = "changed"
    CORRECT = "corrected"
    RETIRE = "retired"


@dataclass(frozen=True)
class Held:
    """The posting that somebody holds now."""

    unit_id: int
    position: str
    tier: str
    powers: frozenset[str]
    since: date


@dataclass(frozen=True)
class Present:
    """Somebody whose login name is taken. ``posting`` None: holds none without end."""

    pk: int
    name: str
    phone: str
    in_scope: bool
    administers: bool
    posting: Held | None
    by_office: bool = False  # of more weight than this keeper posts


@dataclass(frozen=True)
class Step:
    """One act on one person."""

    act: Act
    entry: Entry
    present: Present | None = None


def compare(
    entries: Sequence[Entry],
    people: Mapping[str, Present],
    directory: Directory,
    *,
    importer: int,
    today: date,
) -> tuple[list[Step], list[RowError]]:
    """The steps that make the people as the entries say, and what forbids one of them.

    ``people`` holds, by login name, everybody of these names in whatever case.
    Who is not among the entries is left alone; entries that hold already give no step.
    """
    steps: list[Step] = []
    errors: list[RowError] = []
    taken = {login.casefold() for login in people}
    for entry in entries:
        present = people.get(entry.login)
        try:
            if present is None:
                _check_login(entry, taken)
            found = _steps(entry, present, directory, today)
            if present and found:
                _check_person(entry, present, found, importer)
            steps.extend(found)
        except _Refusal as why:
            errors.append(RowError(entry.row, why.column, why.kind, why.text))
    return steps, errors


class _Refusal(Rejected):
    def __init__(self, column: str, kind: Fault, text: str) -> None:
        super().__init__(kind, text)
        self.column = column


def _steps(entry: Entry, present: Present | None, directory: Directory, today: date) -> list[Step]:
    if present is None:
        return [_creation(entry)]
    if not present.in_scope:
        # Whose it is stays untold.
        text = f"「{entry.login}」已由您负责范围以外的人使用，请核对。调入的请上级作风办办理"
        raise _Refusal(LOGIN.heading, Fault.SCOPE, text)
    if not entry.in_office:
        return [Step(Act.RETIRE, entry, present)] if present.posting else []
    if present.posting is None:
        text = (
            f"「{entry.login}」现在没有任职（离职、账号停用或任期已定）。"
            "要返岗请先在人员页办理，或删除这一行"
        )
        raise _Refusal(STATUS.heading, Fault.STATUS, text)
    found = _posting_step(entry, present, present.posting, directory, today)
    if entry.name != present.name or (entry.phone and entry.phone != present.phone):
        found.append(Step(Act.CORRECT, entry, present))
    return found


def _creation(entry: Entry) -> Step:
    if not entry.in_office:
        text = f"没有登录名为「{entry.login}」的人，不用登记离职，请删除这一行或核对登录名"
        raise _Refusal(STATUS.heading, Fault.STATUS, text)
    return Step(Act.CREATE, entry)


def _check_login(entry: Entry, taken: Collection[str]) -> None:
    """Whether a new person may have this login name."""
    if entry.login.casefold() in taken:
        text = f"「{entry.login}」与一个已有的登录名只差大小写，请核对"
        raise _Refusal(LOGIN.heading, Fault.LOGIN, text)
    if not GOOD_LOGIN.fullmatch(entry.login):
        text = f"「{entry.login}」应为 2 至 40 位的字母、数字和 . _ - @，以字母或数字开头"
        raise _Refusal(LOGIN.heading, Fault.LOGIN, text)


def _posting_step(
    entry: Entry, present: Present, held: Held, directory: Directory, today: date
) -> list[Step]:
    moves = entry.unit_id != held.unit_id
    same = (entry.position, entry.tier, entry.powers) == (
        as_written(held.position),
        held.tier,
        held.powers,
    )
    if not moves and same:
        return []
    since = entry.since or today
    if since < held.since:
        text = f"早于现任职务的开始日期 {held.since}，两段任职会重叠，请改成变动的日期"
        raise _Refusal(SINCE.heading, Fault.OVERLAP, text)
    if moves and since == held.since != today:
        text = (
            f"仍是在{directory.names(held.unit_id)}任职的开始日期。"
            "调动请改成到新单位的日期，或留空按导入当天办理"
        )
        raise _Refusal(SINCE.heading, Fault.OVERLAP, text)
    return [Step(Act.MOVE if moves else Act.CHANGE, entry, present)]


def _check_person(entry: Entry, present: Present, steps: Sequence[Step], importer: int) -> None:
    """Who must not be corrected, moved, changed or retired by this import."""
    if present.administers:
        text = f"「{entry.login}」是系统管理员、安全管理员或审计管理员，不兼业务角色，请删除这一行"
        raise _Refusal(UNIT.heading, Fault.ADMINISTRATOR, text)
    if all(step.act is Act.CORRECT for step in steps):
        return
    if present.pk == importer:
        text = "这是您自己，不能给自己办理任职变动。请删除这一行，由其他联络员或作风办办理"
        raise _Refusal(LOGIN.heading, Fault.ONESELF, text)
    if present.by_office:
        text = (
            f"「{entry.login}」是单位负责人等有其他角色的人，任职、调动和离任由作风办办理，"
            "请删除这一行"
        )
        raise _Refusal(LOGIN.heading, Fault.OFFICE, text)
