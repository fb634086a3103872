"""The list of units from a workbook: units come, change and move."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied

from core import audit
from core.columns import Field, in_order
from core.jobs import JobError, request_job
from core.models import Job
from core.uploads import Flow, Outcome
from core.workbook import Row
from organisation.choices import UnitKind
from organisation.models import Area, Unit, UnitUpload, User
from organisation.queries.roster import ground_for, present_units
from organisation.roster.fields import UNIT_FIELDS
from organisation.roster.units import (
    UnitAct,
    UnitStep,
    plan_units,
    read_units,
)
from organisation.rules import keeps_units
from organisation.services.refused import Refused
from organisation.services.tree import hold_tree
from organisation.services.units import change_unit, create_unit, move_unit

CHECK, APPLY = "organisation.check_units", "organisation.apply_units"
MAX_UNITS = 5_000
SHOWN_STEPS = 300


@dataclass(frozen=True)
class UnitOutcome(Outcome):
    """What a list of units would do, or did; ``names`` are those of the units there are."""

    steps: tuple[UnitStep, ...] = ()
    names: tuple[tuple[int, str], ...] = ()

    def counted(self) -> dict[str, object]:
        number = {act.value: sum(act in step.acts for step in self.steps) for act in UnitAct}
        return {
            **number,
            "unchanged": self.rows - self.wrong - len(self.steps),
            "steps": [
                [_word(step), step.entry.row, step.entry.name, _told(step, dict(self.names))]
                for step in self.steps[:SHOWN_STEPS]
            ],
        }

    def numbers(self) -> dict[str, object]:
        return {key: value for key, value in self.counted().items() if key != "steps"}


class UnitFlow(Flow[UnitUpload, UnitOutcome]):
    """The units of the office's area; a unit that the file leaves out is left alone."""

    model = UnitUpload
    outcome = UnitOutcome
    max_rows = MAX_UNITS
    apply_task = APPLY
    act = "organisation.upload_units"
    errors_title = "单位清单错误清单"
    not_ready = "这份单位清单还没有通过检查，或已经导入过了。"

    def require_right(self, actor: User) -> None:
        if not keeps_units(actor):
            raise PermissionDenied("只有作风办可以导入单位。")

    def fields(self, upload: UnitUpload) -> Sequence[Field]:
        return UNIT_FIELDS

    def request_check(self, upload: UnitUpload, actor: User) -> Job:
        return request_job(kind=CHECK, title="检查单位清单", owner=actor, upload_id=upload.pk)

    def request_writing(self, upload: UnitUpload, actor: User) -> Job:
        return request_job(kind=APPLY, title="导入单位清单", owner=actor, upload_id=upload.pk)

    def examine(self, upload: UnitUpload, rows: Sequence[Row]) -> UnitOutcome:
        keeper = upload.uploaded_by
        units = present_units(keeper)
        entries, errors = read_units(rows, ground_for(keeper))
        steps, faults = plan_units(entries, units)
        return UnitOutcome(
            rows=len(rows),
            errors=in_order([*errors, *faults], UNIT_FIELDS),
            steps=tuple(steps),
            names=tuple((unit.pk, unit.name) for unit in units),
        )

    def lock(self, upload: UnitUpload) -> None:
        hold_tree()

    def write(self, upload: UnitUpload, found: UnitOutcome, prepared: Any) -> None:
        writer = _Writer(found.steps, upload.uploaded_by)
        for step in found.steps:
            try:
                writer.take(step)
            except Refused as why:
                raise JobError(f"没有写入：第 {step.entry.row} 行，{why}") from why
        audit.record(
            actor=upload.uploaded_by,
            act="organisation.import_units",
            subject=upload,
            sha256=upload.sha256,
            **found.numbers(),
        )


UNITS = UnitFlow()


def upload_units(*, name: str, content: bytes, actor: User) -> UnitUpload:
    """Keep the file and ask for its check; nothing is written yet.

    Raises WorkbookError for what is no plain .xlsx, PermissionDenied without the right.
    """
    return UNITS.upload(UnitUpload(), name=name, content=content, actor=actor)


class _Writer:
    """Takes the steps in their order: whatever a unit hangs under is there before it."""

    def __init__(self, steps: Sequence[UnitStep], actor: User) -> None:
        codes = {step.entry.area for step in steps}
        self.actor = actor
        self.areas = {area.code: area for area in Area.objects.filter(code__in=codes)}
        self.units = {unit.code: unit for unit in Unit.objects.exclude(code="")}

    def take(self, step: UnitStep) -> None:
        entry, above = step.entry, self.units.get(step.entry.parent)
        own = {
            "name": entry.name,
            "code": entry.code,
            "kind": UnitKind(entry.kind),
            "area": self.areas[entry.area],
            "actor": self.actor,
        }
        if step.present is None:
            self.units[entry.code] = create_unit(parent=above, **own)  # type: ignore[arg-type]
            return
        unit = Unit.objects.get(pk=step.present.pk)
        if UnitAct.CHANGE in step.acts:
            unit = change_unit(unit=unit, **own)  # type: ignore[arg-type]
        if UnitAct.MOVE in step.acts:
            unit = move_unit(unit=unit, parent=above, actor=self.actor)
        self.units[entry.code] = unit


def _word(step: UnitStep) -> str:
    if UnitAct.CREATE in step.acts:
        return "新增"
    return "移动" if UnitAct.MOVE in step.acts else "修改"


def _told(step: UnitStep, names: dict[int, str]) -> str:
    return "；".join(_changes(step, names)) or f"上级 {step.entry.parent or '无'}"


def _changes(step: UnitStep, names: dict[int, str]) -> Iterator[str]:
    entry, present = step.entry, step.present
    if present is None:
        return
    if present.name != entry.name:
        yield f"名称 {present.name} → {entry.name}"
    if present.code != entry.code:
        yield f"编号 {present.code or '空'} → {entry.code}"
    if present.kind != entry.kind:
        yield f"类别 {UnitKind(present.kind).label} → {UnitKind(entry.kind).label}"
    if present.area != entry.area:
        yield f"区划 {present.area} → {entry.area}"
    if UnitAct.MOVE in step.acts:
        yield f"上级 {names.get(present.parent, '无')} → {entry.parent or '无'}"
