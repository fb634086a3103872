"""What was sent in with a task or an activity: fetched, and what is said when it is lost."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaign.choices import ActivityKind
from campaign.models import StageTask
from campaign.services import record_activity, tell_done
from core.files import check_upload
from core.models import AuditEntry
from tests.personas import World


def of_a_task(world: World) -> tuple[Any, str]:
    task = StageTask.objects.select_related("stage__campaign__area").get(
        stage__campaign=world.campaign, title="上传工作总结"
    )
    paper = check_upload(SimpleUploadedFile("总结.pdf", b"%PDF-1.7"))
    done = tell_done(task=task, unit=world.unit, actor=world.head, today=world.today, file=paper)
    return done, f"/campaign/done/{done.pk}/file/"


def of_an_activity(world: World) -> tuple[Any, str]:
    activity = record_activity(
        campaign=world.campaign,
        unit=world.unit,
        kind=ActivityKind.MOBILISATION,
        held_on=world.today,
        heads=30,
        summary="动员",
        file=check_upload(SimpleUploadedFile("总结.pdf", b"%PDF-1.7")),
        actor=world.head,
    )
    return activity, f"/campaign/activities/{activity.pk}/file/"


def fetches() -> int:
    return AuditEntry.objects.filter(act="campaign.fetch_file").count()


@pytest.mark.parametrize("made", [of_a_task, of_an_activity])
def test_a_file_is_handed_out_as_it_was_sent(world: World, made: Any) -> None:
    _, address = made(world)
    answer = world.client(world.head).get(address)
    assert (b"".join(answer.streaming_content), fetches()) == (b"%PDF-1.7", 1)


@pytest.mark.parametrize(
    ("made", "what_to_do"),
    [(of_a_task, "由报告的人撤回，重新报告"), (of_an_activity, "由登记的单位删除这条活动")],
)
def test_a_lost_file_is_told_and_not_counted_as_fetched(
    world: World, made: Any, what_to_do: str, caplog: pytest.LogCaptureFixture
) -> None:
    row, address = made(world)
    row.file.storage.delete(row.file.name)
    answer = world.client(world.head).get(address)
    assert (answer.status_code, fetches()) == (404, 0)
    assert "文件已不在" in answer.text
    assert "附件「总结.pdf」不见了" in answer.text
    assert what_to_do in answer.text
    told = [each.getMessage() for each in caplog.records if each.name == "core.files"]
    assert told == [f"the file of {row._meta.label}:{row.pk} is not in the storage"]
