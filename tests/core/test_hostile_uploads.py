"""The same hostile files at every other door for a workbook, and rows that only look right."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache

import pytest
from django.apps import apps

from core import jobs
from core import workbook as core_workbook
from core.models import Job
from core.sheets.values import WorkbookError
from core.uploads import Upload, UploadState
from issues.services import upload_ledger
from issues.tasks import check_ledger
from organisation.choices import UnitKind
from organisation.models import User
from organisation.services.imports import upload_roster, upload_units
from organisation.tasks import check_roster, check_units
from tests.core.heavy import TOO_LONG, one_text_everywhere
from tests.core.hostile import CELLS, READ, REFUSED
from tests.core.workbooks import workbook
from tests.issues import sheets
from tests.organisation import imports
from tests.personas import World
from tests.visits import test_hotline, test_paper
from visits import services
from visits.choices import TeamSource
from visits.models import Target, Visit, VisitUpload
from visits.tasks import apply_paper, check_hotline, check_paper

FILES = {name: made[0] for name, made in (REFUSED | CELLS).items()} | READ
CHINESE = re.compile("[\u4e00-\u9fff]{4}")
OURS = {"organisation", "campaign", "visits", "issues", "evaluations"}


@cache
def content(name: str) -> bytes:
    return FILES[name]()


@dataclass(frozen=True)
class Door:
    """One kind of upload: its headings, one sound row, and who sends it."""

    headings: Sequence[str]
    row: Callable[[World], list[object]]
    send: Callable[[World, bytes], Upload]
    check: Callable[..., None]

    def refusal(self, world: World, file: bytes) -> str:
        """Why the file is refused; empty when it may be confirmed."""
        try:
            made = self.send(world, file)
        except WorkbookError as error:
            return str(error)
        self.check(job_id=str(made.job_id))
        made = type(made).objects.select_related("job").get(pk=made.pk)
        assert made.job is not None
        assert made.job.state == Job.State.DONE, made.job.message
        if made.state == UploadState.CHECKED:
            return ""
        assert made.state == UploadState.REFUSED
        return str(made.report["problem"] or made.report["errors"])


def _send_ledger(world: World, file: bytes) -> Upload:
    return upload_ledger(
        campaign=world.campaign, name="台账.xlsx", content=file, actor=world.liaison
    )


def _send_roster(world: World, file: bytes) -> Upload:
    return upload_roster(name="名册.xlsx", content=file, site=imports.SITE, actor=world.office)


def _send_units(world: World, file: bytes) -> Upload:
    return upload_units(name="单位.xlsx", content=file, actor=world.office)


def _send_hotline(world: World, file: bytes) -> Upload:
    return services.upload_hotline(
        campaign=world.campaign, name="结果.xlsx", content=file, actor=world.office
    )


def _send_paper(world: World, file: bytes) -> VisitUpload:
    return services.upload_paper(
        campaign=world.campaign,
        author=world.colleague,
        name="走访.xlsx",
        content=file,
        actor=world.cadre,
    )


def _roster_row(world: World) -> list[object]:
    return imports.row("371524-0099", "张三", "东阿县住建局")


def _unit_row(world: World) -> list[object]:
    return ["A-9", "东阿县新局", UnitKind.DEPARTMENT.label, world.county.code, ""]


def _hotline_row(world: World) -> list[object]:
    return test_hotline.row(test_hotline.handed(world), "已换灯")


def _paper_row(world: World) -> list[object]:
    Target.objects.all().delete()
    world.team.delete()
    services.create_team(
        campaign=world.campaign,
        name="前关村服务队",
        areas=[world.village],
        members={TeamSource.DEPARTMENT: [world.cadre, world.colleague]},
    )
    (target,) = world.households(1)
    return test_paper.row(target, world.today - timedelta(days=1))


DOORS = {
    "paper": Door(test_paper.HEADINGS, _paper_row, _send_paper, check_paper),
    "12345": Door(test_hotline.HEADINGS, _hotline_row, _send_hotline, check_hotline),
    "ledger": Door(sheets.HEADINGS, sheets.row, _send_ledger, check_ledger),
    "roster": Door(imports.HEADINGS, _roster_row, _send_roster, check_roster),
    "units": Door(imports.UNIT_HEADINGS, _unit_row, _send_units, check_units),
}
CELL: dict[str, object] = {
    "formula": "=1+1",
    "error value": "#REF!",
    "time": time(3, 1),
    "date": date(2026, 3, 1),
    "long number": 371502001001000000000,
    "scientific notation": "3.71502E+17",
    "negative": -1,
    "fraction": 0.1,
    "truth": True,
    "32,767 characters": "长" * 32_767,
    "half a character": "_xD800_",
    "page": "<script>alert(1)</script>",
    "quote": "'; drop table visits_visit; --",
    "November 31st": "2026-11-31",
    "serial of a day": 46_084,
    "day of five digits": "99999-1-1",
}


def tables() -> dict[str, int]:
    """The rows of everything that an import may write; not the uploads themselves."""
    models = [model for model in apps.get_models() if model._meta.app_label in OURS]
    return {
        model._meta.label: model._default_manager.count()
        for model in models
        if not issubclass(model, Upload)
    }


@pytest.mark.parametrize("name", DOORS)
def test_every_file_is_refused_in_words(world: World, name: str) -> None:
    door = DOORS[name]
    door.row(world)
    before, taken = tables(), []
    for file in FILES:
        if not CHINESE.search(door.refusal(world, content(file))):
            taken.append(file)
    assert (taken, tables()) == ([], before)
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", DOORS)
def test_a_sound_row_may_be_confirmed(world: World, name: str) -> None:
    """The control: what is refused here is refused for the file, not for who sends it."""
    door = DOORS[name]
    assert door.refusal(world, workbook([door.headings, door.row(world)])) == ""


@pytest.mark.parametrize("name", DOORS)
def test_no_cell_breaks_the_check(world: World, name: str) -> None:
    """Whatever stands in whichever column: refused in words or read, and nothing is written."""
    door = DOORS[name]
    sound = door.row(world)
    before, silent = tables(), []
    for what, value in CELL.items():
        rows = [[*sound[:place], value, *sound[place + 1 :]] for place in range(len(sound))]
        said = door.refusal(world, workbook([door.headings, *rows]))
        if not CHINESE.search(said):
            silent.append(what)
    assert (silent, tables()) == ([], before)


@pytest.mark.parametrize("name", DOORS)
def test_one_long_text_in_every_cell(world: World, name: str) -> None:
    """Of half a megabyte, which would be two gigabytes as it is read."""
    door = DOORS[name]
    door.row(world)
    file = one_text_everywhere(door.headings[:26], 4_000)
    assert len(file) < 1_000_000
    assert TOO_LONG in door.refusal(world, file)


def _tired(row: list[object]) -> list[object]:
    """As a tired person types it: wide digits, blanks behind, the day as text."""
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    code, day = str(row[1]), row[4]
    assert isinstance(day, date)
    return [f"{row[0]} ", f"{code.translate(wide)}\xa0", *row[2:4], f"{day:%Y/%m/%d}　", *row[5:]]


def test_what_a_tired_person_types_is_read_for_what_it_means(world: World) -> None:
    row = _paper_row(world)
    made = _send_paper(world, workbook([test_paper.HEADINGS, _tired(row)]))
    check_paper(job_id=str(made.job_id))
    made.refresh_from_db()
    job = services.request_paper_import(upload=made, actor=User.objects.get(pk=world.cadre.pk))
    apply_paper(job_id=str(job.pk))
    visit = Visit.objects.get()
    assert (visit.target.code, visit.visited_on) == (row[1], row[4])


def test_the_control_for_what_is_typed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_workbook, "clean_text", lambda text: text)
    row = _tired(_paper_row(world))
    assert DOORS["paper"].refusal(world, workbook([test_paper.HEADINGS, row])) != ""


def test_a_crash_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    door = DOORS["units"]
    file = workbook([door.headings, door.row(world)])
    monkeypatch.setattr("core.uploads.read_rows", broken)
    with pytest.raises(AssertionError, match=jobs.BROKEN):
        door.refusal(world, file)
