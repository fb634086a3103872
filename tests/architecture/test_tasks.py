"""Every name under which work is sent has somebody who does it."""

import ast
import importlib
from collections.abc import Iterator

import pytest
from celery import current_app
from django.conf import settings

from config.beat import SCHEDULE
from core.management.commands.serve import QUEUES
from tests.architecture.packages import calls, label, module_name, sources

SENDERS = {"enqueue": 0, "request_job": None}  # name: place of the task's name, or only kind=


@pytest.fixture(scope="module")
def registered() -> set[str]:
    for path in sources():
        if path.stem == "tasks" or "tasks" in path.parts:
            importlib.import_module(module_name(path))
    return {name for name in current_app.tasks if not name.startswith("celery.")}


def sent() -> Iterator[tuple[str, str]]:
    """Where a task is sent, and its name; names held by constants are looked up."""
    for path in sources():
        for call in calls(path):
            function = call.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            if name not in SENDERS or path.stem in {"jobs", "queue"}:
                continue
            given = next((word.value for word in call.keywords if word.arg == "kind"), None)
            given = call.args[0] if given is None and call.args else given
            module = importlib.import_module(module_name(path))
            yield label(path, call.lineno), value_of(given, module)


def value_of(node: ast.expr | None, module: object) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return str(getattr(module, node.id)) if isinstance(node, ast.Name) else "?"


def test_every_scheduled_task_exists(registered: set[str]) -> None:
    assert {entry["task"] for entry in SCHEDULE.values()} - registered == set()


def test_every_task_that_is_sent_exists(registered: set[str]) -> None:
    places = dict(sent())
    assert len(places) >= 4
    assert {place: name for place, name in places.items() if name not in registered} == {}


def test_every_task_is_sent_or_scheduled(registered: set[str]) -> None:
    wanted = {entry["task"] for entry in SCHEDULE.values()} | {name for _, name in sent()}
    assert registered == wanted


def test_every_queue_has_a_worker(registered: set[str]) -> None:
    used = {entry["options"]["queue"] for entry in SCHEDULE.values()}
    used |= {getattr(current_app.tasks[name], "queue", None) for name in registered}
    used |= {settings.CELERY_TASK_DEFAULT_QUEUE}
    assert used - {None} <= set(QUEUES.split(","))


def test_tasks_are_named_after_their_package(registered: set[str]) -> None:
    """Known by name from outside: a moved module must not change it."""
    for name in registered:
        package = name.partition(".")[0]
        assert current_app.tasks[name].__module__ == f"{package}.tasks"


def test_schedules_are_harmless_to_miss() -> None:
    """A message that waited longer than its own rhythm says nothing that the next does not."""
    for entry in SCHEDULE.values():
        assert entry["options"]["expires"] <= entry["schedule"]
