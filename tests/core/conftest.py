"""Two people, and the messages that would have gone to the broker."""

from typing import Any

import pytest

from core import jobs, tasks
from core.jobs import request_job
from core.models import Job
from organisation.models import User
from organisation.services import create_user

KIND = tasks.expire_files.name  # any task will do: tests bring their own work


@pytest.fixture(autouse=True)
def deliverable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of these tests need no right."""
    monkeypatch.setitem(jobs._deliverable, KIND, lambda person, job: True)


@pytest.fixture
def person(db: None) -> User:
    return create_user(username="person", name="甲")


@pytest.fixture
def stranger(db: None) -> User:
    return create_user(username="stranger", name="乙")


@pytest.fixture
def job(person: User) -> Job:
    return request_job(kind=KIND, title="导出", owner=person, area="371500000000")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What has been handed to the broker, in order."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(
        tasks.expire_files,
        "apply_async",
        lambda *, kwargs, retry: messages.append(kwargs),
    )
    return messages
