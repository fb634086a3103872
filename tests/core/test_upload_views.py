"""What the pages of all uploads say alike, seen on those of the roster."""

import re
from typing import Any

import pytest
from django.urls import reverse

from core.models import Job
from core.uploads import REPORTED_ERRORS, UploadState
from organisation.models import RosterUpload, UnitUpload
from organisation.views.imports import PEOPLE, PLACES, Words
from tests.personas import World

CHOOSER = reverse("organisation:roster-import")


def made(world: World, state: str, *, job: str = Job.State.DONE, **report: Any) -> RosterUpload:
    work = Job.objects.create(kind="x.y", title="检查", owner=world.office, state=job)
    numbers = {"rows": 1, "created": 0, "wrong": 0, **report}
    return RosterUpload.objects.create(
        file_name="名册.xlsx",
        sha256="0",
        state=state,
        report=numbers if state != UploadState.UPLOADED else {},
        job=work,
        uploaded_by=world.office,
    )


def page(world: World, upload: RosterUpload) -> str:
    address = reverse("organisation:roster-upload", args=[upload.pk])
    return world.client(world.office).get(address).content.decode()


def listed(world: World) -> list[str]:
    """The states that the list of one's uploads shows."""
    answer = world.client(world.office).get(CHOOSER).content.decode()
    return re.findall(r'<span class="state[^"]*">([^<]*)</span>', answer)


def faults(number: int) -> dict[str, Any]:
    """The report of a table with so many errors."""
    told = [[row, "姓名", "missing", "没有填"] for row in range(min(number, REPORTED_ERRORS))]
    return {"wrong": number, "kinds": {"missing": number}, "errors": told}


@pytest.mark.parametrize(
    ("state", "job", "created", "said"),
    [
        (UploadState.UPLOADED, Job.State.QUEUED, 0, "正在检查"),
        (UploadState.UPLOADED, Job.State.FAILED, 0, "已停止"),
        (UploadState.CHECKED, Job.State.DONE, 2, "待确认"),
        (UploadState.CHECKED, Job.State.DONE, 0, "无需导入"),
        (UploadState.APPLIED, Job.State.DONE, 2, "已导入"),
        (UploadState.LAPSED, Job.State.DONE, 2, "过期未确认"),
    ],
)
def test_the_list_says_how_far_each_is(
    world: World, state: str, job: str, created: int, said: str
) -> None:
    made(world, state, job=job, created=created)
    assert listed(world) == [said]


@pytest.mark.parametrize(
    ("number", "said"), [(REPORTED_ERRORS, False), (REPORTED_ERRORS + 1, True)]
)
def test_that_errors_are_left_out_is_said_where_some_are(
    world: World, number: int, said: bool
) -> None:
    text = page(world, made(world, UploadState.REFUSED, **faults(number)))
    assert (f"这里只显示前 {REPORTED_ERRORS} 处" in text) == said
    assert f"必填项没有填 {number}" in text


@pytest.mark.parametrize(
    ("state", "report", "heading"),
    [
        (UploadState.CHECKED, {"created": 2}, "检查通过，还没有写入"),
        (UploadState.CHECKED, {}, "没有需要改动的"),
        (UploadState.REFUSED, faults(1), "没有导入：请先改正下面的错误"),
        (UploadState.REFUSED, {"problem": "读不出来。"}, "没有导入"),
        (UploadState.LAPSED, {"created": 2}, "没有导入：三天内没有确认"),
    ],
)
def test_each_state_has_one_heading(
    world: World, state: str, report: dict[str, Any], heading: str
) -> None:
    shown = re.findall(r"<h2[^>]*>([^<]*)</h2>", page(world, made(world, state, **report)))
    assert shown == [heading]


def test_only_what_is_to_be_written_can_be_confirmed(world: World) -> None:
    apply_to = {
        created: f'action="{reverse("organisation:roster-apply", args=[upload.pk])}"'
        in page(world, upload)
        for created in (0, 2)
        for upload in [made(world, UploadState.CHECKED, created=created)]
    }
    assert apply_to == {0: False, 2: True}


@pytest.mark.parametrize(("words", "model"), [(PEOPLE, RosterUpload), (PLACES, UnitUpload)])
def test_what_is_counted_is_what_is_written(words: Words, model: type[Any]) -> None:
    assert tuple(name for name, _ in words.acts) == model.writes
