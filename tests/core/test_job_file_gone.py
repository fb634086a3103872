"""A finished job whose file the storage has lost: said plainly, and nothing half done."""

import io
from unittest.mock import patch

import pytest
from django.test import Client

from core import jobs
from core.jobs import Running
from core.models import AuditEntry, Job
from organisation.models import User

SAID = "文件已不在，请重新生成。"


def finish(job: Job, **outcome: object) -> Job:
    """The job with its file, which then vanishes from the disk."""

    def work(running: Running) -> None:
        running.finish(file=io.BytesIO(b"rows"), file_name="进度.xlsx", outcome=outcome)

    jobs.run(str(job.pk), work)
    job.refresh_from_db()
    job.file.storage.delete(job.file.name)
    return job


def acts() -> list[str]:
    return list(AuditEntry.objects.filter(act__endswith="_file").values_list("act", flat=True))


def test_fetching_says_that_it_is_gone(job: Job, person: User, client: Client) -> None:
    finish(job)
    client.force_login(person)
    response = client.get(f"/jobs/{job.pk}/file/")
    assert (response.status_code, SAID in response.content.decode()) == (404, True)
    assert acts() == []


def test_taking_says_that_it_is_gone_and_counts_for_nothing(
    job: Job, person: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    finish(job, once=True)
    client.force_login(person)
    response = client.post(f"/jobs/{job.pk}/take/")
    assert (response.status_code, SAID in response.content.decode()) == (404, True)
    after = Job.objects.get(pk=job.pk)
    assert (after.is_taken, after.file.name, acts()) == (False, job.file.name, [])
    told = [each.getMessage() for each in caplog.records if each.name == "core.files"]
    assert told == [f"the file of core.Job:{job.pk} is not in the storage"]


def test_with_the_control_off_the_page_breaks(job: Job, person: User, client: Client) -> None:
    finish(job)
    client.force_login(person)
    opened = patch("core.jobs.open_file", lambda job: job.file.open("rb"))
    with opened, pytest.raises(FileNotFoundError):
        client.get(f"/jobs/{job.pk}/file/")
