"""Several workers and several reporters at the same moment."""

import pytest

from core import jobs, notices
from core.jobs import Running, request_job
from core.models import Job, Notice
from core.notices import Message
from organisation.services import create_user
from tests.core.conftest import KIND
from tests.threads import shared_database, together

__all__ = ["shared_database"]
pytestmark = pytest.mark.usefixtures("shared_database", "sent")
WORKERS = 6


def test_of_many_workers_one_gets_the_job() -> None:
    person = create_user(username="person", name="甲")
    for _ in range(5):
        job = request_job(kind=KIND, title="导出", owner=person)
        outcomes = together([lambda pk=job.pk: jobs._claim(pk)] * WORKERS)
        winners = [outcome for outcome in outcomes if isinstance(outcome, Running)]
        assert len(winners) == 1
        assert outcomes.count(None) == WORKERS - 1
        job.refresh_from_db()
        assert (job.claim, job.attempts) == (winners[0].claim, 1)


def test_one_worker_finishes_what_two_hold() -> None:
    """The first lost its lease without noticing; both come to the end at the same moment."""
    job = request_job(kind=KIND, title="导出", owner=create_user(username="p", name="甲"))
    first = jobs._claim(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=job.queued_at)
    second = jobs._claim(job.pk)
    assert first is not None
    assert second is not None
    outcomes = together([lambda: first.finish(outcome={"by": 1}), second.finish])
    assert [type(outcome) for outcome in outcomes] == [jobs.LeaseLost, type(None)]
    job.refresh_from_db()
    assert (job.state, job.outcome) == (Job.State.DONE, {})


def test_many_reports_of_one_event_make_one_message() -> None:
    person = create_user(username="person", name="甲")
    message = Message("issue:7:due", person.pk, "到期提醒")
    assert together([lambda: notices.send([message])] * WORKERS) == [None] * WORKERS
    assert Notice.objects.count() == 1
