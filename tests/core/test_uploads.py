"""What all uploads share: cells, the list of errors, what becomes of a file nobody wants."""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.utils import timezone
from openpyxl import load_workbook

from core import jobs, uploads
from core.columns import Field, RowError, RowReader
from core.exports.errors import write_errors
from core.models import Job
from core.tasks import lapse_uploads
from core.uploads import UploadState
from core.workbook import Row
from organisation.services.imports import UNITS
from organisation.tasks import apply_units
from tests.organisation.imports import check_list, fresh, unit_list
from tests.personas import World

GOOD = unit_list(["A-1", "甲局", "部门单位", "371524000000", ""])


class Fault(TextChoices):
    MISSING = "missing", "必填项没有填"
    FORMAT = "format", "填写不合要求"
    UNREADABLE = "unreadable", "单元格读不出"


class Reader(RowReader):
    faults = Fault


DAY = Field("日期", "", optional=True)
NAME = Field("姓名", "", longest=3)


def reader(heading: str, value: object) -> Reader:
    return Reader(Row(2, {heading: value}, {}))


@pytest.mark.parametrize(
    "value", [date(2026, 3, 1), "2026-03-01", "2026/3/1", "2026.03.1"], ids=str
)
def test_days_as_people_write_them(value: object) -> None:
    one = reader("日期", value)
    assert (one.day(DAY), one.errors) == (date(2026, 3, 1), [])


@pytest.mark.parametrize("value", ["去年", "2026-02-30", "2026-3", "-1-1-1", "1" * 5000])
def test_what_is_no_day_is_told(value: str) -> None:
    one = reader("日期", value)
    assert one.day(DAY) is None
    assert [error.kind for error in one.errors] == [Fault.FORMAT]


@pytest.mark.parametrize(
    ("value", "kind"), [("", "missing"), ("一二三四", "format"), (date(2026, 1, 1), "format")]
)
def test_a_text_is_there_short_enough_and_no_date(value: object, kind: str) -> None:
    one = reader("姓名", value)
    assert one.text(NAME) == ""
    assert [(error.row, error.column, error.kind.value) for error in one.errors] == [
        (2, "姓名", kind)
    ]


def test_a_very_long_list_of_errors_says_that_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.exports.errors.LISTED_ERRORS", 1)
    target = io.BytesIO()
    errors = [RowError(n, "姓名", Fault.MISSING, "必填") for n in (2, 3)]
    write_errors("错误清单", errors, target)
    sheet = load_workbook(target).worksheets[0]
    assert [line[0].value for line in sheet.iter_rows(min_row=3)] == [
        2,
        "共 2 处错误。这里列出前 1 处，改好后重新上传，会接着检查其余的。",
    ]


def grown_old(upload: uploads.Upload, days: int = 4) -> None:
    then = timezone.now() - timedelta(days=days)
    type(upload).objects.filter(pk=upload.pk).update(uploaded_at=then)


def test_what_nobody_confirms_lapses_and_its_file_goes(world: World) -> None:
    late, young = check_list(GOOD, world.office), check_list(GOOD, world.office)
    grown_old(late)
    path = late.file.path
    lapse_uploads()
    late, young = fresh(late), fresh(young)
    assert [(each.state, bool(each.file)) for each in (late, young)] == [
        (UploadState.LAPSED, False),
        (UploadState.CHECKED, True),
    ]
    assert not Path(path).exists()
    with pytest.raises(PermissionDenied):
        UNITS.request_apply(upload=late, actor=world.office)


def test_what_a_job_is_working_on_does_not_lapse(world: World) -> None:
    made = check_list(GOOD, world.office)
    UNITS.request_apply(upload=made, actor=world.office)
    grown_old(made)
    assert uploads.lapse() == 0
    assert fresh(made).state == UploadState.CHECKED


def test_a_file_that_a_killed_worker_left_goes_too(world: World) -> None:
    made = check_list(GOOD, world.office)
    type(made).objects.filter(pk=made.pk).update(state=UploadState.APPLIED)
    grown_old(made)
    uploads.lapse()
    assert (fresh(made).state, bool(fresh(made).file)) == (UploadState.APPLIED, False)


def test_a_workbook_that_the_storage_has_lost_is_refused_in_words(world: World) -> None:
    made = check_list(GOOD, world.office)
    job = UNITS.request_apply(upload=made, actor=world.office)
    made.file.storage.delete(made.file.name)
    apply_units(job_id=str(job.pk))
    found = fresh(made)
    assert (found.state, found.report["problem"]) == (UploadState.REFUSED, uploads.GONE)


@pytest.fixture
def once(world: World) -> Job:
    job = jobs.request_job(kind="organisation.check_units", title="条", owner=world.office)
    jobs.run(
        str(job.pk),
        lambda running: running.finish(
            outcome={"once": True}, file=io.BytesIO(b"slips"), file_name="条.pdf"
        ),
    )
    return Job.objects.get(pk=job.pk)


def test_a_file_given_once_is_given_once(world: World, once: Job) -> None:
    path = once.file.path
    content = jobs.take_once(job=once, actor=world.office)
    assert content is not None
    assert content.read() == b"slips"
    content.close()
    assert jobs.take_once(job=once, actor=world.office) is None
    assert not Path(path).exists()


def test_a_file_given_once_is_not_given_after_its_time(world: World, once: Job) -> None:
    Job.objects.filter(pk=once.pk).update(expires_at=timezone.now())
    assert jobs.take_once(job=once, actor=world.office) is None
