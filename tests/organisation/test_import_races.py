"""Several importers at the same moment, and imports whose controls are switched off."""

from collections.abc import Callable

import pytest
from django.db import connection

from core import jobs
from core.jobs import Running
from core.models import Job
from core.uploads import UploadState
from organisation import rules
from organisation.choices import Role
from organisation.models import Grant, Posting, RosterUpload, Unit, User
from organisation.queries import roster as reads
from organisation.services.imports import ROSTER, RosterFlow, upload_roster
from organisation.tasks import apply_roster
from tests.organisation.imports import SITE, apply, check, counts, fresh, job_of, roster, row
from tests.personas import World
from tests.threads import shared_database, together

__all__ = ["shared_database"]
NEW = [row(f"N-{n}", f"张{n}", "东阿县住建局") for n in range(3)]
MOVED = row("cadre", "甲cadre", "东阿县民政局")


def confirmed(upload: RosterUpload) -> Callable[[], object]:
    """The background's work on a confirmed upload, without slips: setting them is no race."""
    job = ROSTER.request_apply(upload=upload, actor=upload.uploaded_by)
    return lambda: jobs.run(str(job.pk), RosterFlow().apply)


@pytest.mark.usefixtures("shared_database")
def test_two_importers_of_one_file_write_everybody_once(world: World) -> None:
    uploads = [check(roster(*NEW, MOVED), world.office) for _ in range(2)]
    assert together([confirmed(upload) for upload in uploads]) == [None, None]
    done = [fresh(upload) for upload in uploads]
    assert [upload.state for upload in done] == [UploadState.APPLIED] * 2
    assert sorted(counts(upload).get("created", 0) for upload in done) == [0, 3]
    assert User.objects.filter(username__startswith="N-").count() == 3
    assert Posting.objects.filter(user__username="N-0").count() == 1
    assert Posting.objects.filter(user=world.cadre, until=None).count() == 1


@pytest.mark.usefixtures("shared_database")
def test_one_upload_in_the_hands_of_two_workers_is_written_once(world: World) -> None:
    made = check(roster(*NEW), world.office)
    works = [confirmed(made)]
    Job.objects.filter(pk=fresh(made).job_id).update(kind="another")  # so that a second is asked
    works.append(confirmed(made))
    assert together(works) == [None, None]
    assert fresh(made).state == UploadState.APPLIED
    assert User.objects.filter(username__startswith="N-").count() == 3


@pytest.mark.usefixtures("shared_database")
def test_slips_that_two_ask_for_at_once_go_to_one(world: World) -> None:
    job = job_of(apply(check(roster(*NEW), world.office)))
    taking = [lambda: jobs.take_once(job=job, actor=world.office)] * 4
    given = [content for content in together(taking) if content is not None]
    assert len(given) == 1
    given[0].close()  # type: ignore[attr-defined]


def test_without_what_is_remembered_the_slips_are_given_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: what keeps them from a second taking is the note, before the file is gone."""
    job = job_of(apply(check(roster(*NEW), world.office)))
    monkeypatch.setattr(Job, "is_taken", False)
    monkeypatch.setattr(type(job.file), "delete", lambda self, save: None)
    monkeypatch.setattr(Job.objects, "filter", lambda **kept: Job.objects.none())
    for _ in range(2):
        content = jobs.take_once(job=job, actor=world.office)
        assert content is not None
        content.close()


def everybody_in_scope(patch: pytest.MonkeyPatch) -> None:
    every = lambda keeper: frozenset(Unit.objects.values_list("pk", flat=True))  # noqa: E731
    patch.setattr(reads, "_own_units", every)


def test_people_of_others_are_kept_from_a_liaison_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the check off, the service refuses and nothing is written; both off, they go."""
    other = world.person("other", world.other_unit, Role.CADRE, unit=world.other_unit)
    content = roster(NEW[0], row("other", "甲other", "东阿县住建局"))
    everybody_in_scope(monkeypatch)
    made = check(content, world.liaison)
    job = ROSTER.request_apply(upload=made, actor=world.liaison)
    apply_roster(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.message.startswith("没有写入：第 3 行，东阿县民政局不在您负责的范围内")
    assert not User.objects.filter(username="N-0").exists()
    assert fresh(made).state == UploadState.CHECKED
    monkeypatch.setattr(rules, "keeps_people_of", lambda user, unit: True)
    apply(fresh(made))
    other.refresh_from_db()
    assert other.unit == world.unit


def test_without_the_lease_a_worker_taken_for_dead_would_write(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of test_a_worker_whose_job_was_taken_over_writes_nothing."""
    made = check(roster(*NEW), world.office)
    job = ROSTER.request_apply(upload=made, actor=world.office)
    monkeypatch.setattr(Running, "_write", lambda self, **values: None)

    def overtaken(running: Running) -> None:
        Job.objects.filter(pk=job.pk).update(claim="00000000-0000-0000-0000-000000000001")
        RosterFlow().apply(running)

    jobs.run(str(job.pk), overtaken)
    assert User.objects.filter(username__startswith="N-").count() == 3


def test_writing_that_is_outrun_again_and_again_gives_up_with_a_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.uploads import Outrun

    def outrun(*args: object) -> None:
        raise Outrun

    made = check(roster(*NEW), world.office)
    job = ROSTER.request_apply(upload=made, actor=world.office)
    monkeypatch.setattr(RosterFlow, "write", outrun)
    apply_roster(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.message[:14]) == (Job.State.FAILED, "导入时别人正在修改同一批数据")
    assert fresh(made).state == UploadState.CHECKED


def test_two_thousand_rows_take_few_statements(world: World, django_assert_max_num_queries) -> None:
    """New people are written in batches: 2,000 of them with their postings and rights."""
    rows = [row(f"M-{n:04}", f"张{n}", "东阿县住建局") for n in range(2000)]
    made = upload_roster(name="a.xlsx", content=roster(*rows), site=SITE, actor=world.office)
    jobs.run(str(made.job_id), ROSTER.check)
    made = fresh(made)
    assert counts(made) == {"created": 2000}
    work = confirmed(made)
    batch = 4 if connection.vendor == "postgresql" else 60  # SQLite takes 999 parameters
    with django_assert_max_num_queries(60 + 4 * batch):
        work()
    assert Grant.objects.filter(user__username__startswith="M-").count() == 2000
