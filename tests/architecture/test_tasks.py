"""Every name under which work is sent has somebody who does it."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from celery.app import routes
from celery.app.routes import Router
from celery.exceptions import QueueNotFound
from django.conf import settings

from config import queues
from config.beat import SCHEDULE
from tests.architecture.packages import ROOT, calls, functions, label, module_name, sources

TELLING = {"core.tell", "core.try_channel"}
# name: place of the task's name, or only kind=
SENDERS = {"enqueue": 0, "request_job": None, "request_once": None}


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


def test_the_queues_are_these_four() -> None:
    assert queues.NAMES == ("default", "notices", "exports", "imports")
    declared = {
        name: (queue.exchange.name, queue.routing_key)
        for name, queue in current_app.amqp.queues.items()
    }
    assert declared == {name: (name, name) for name in queues.NAMES}


def test_every_task_has_its_route(registered: set[str]) -> None:
    """None goes through a queue because nobody thought of it."""
    without = {name for name in registered if not current_app.amqp.router.lookup_route(name)}
    assert without == set()


def test_every_task_goes_through_a_queue_that_exists(registered: set[str]) -> None:
    through = {name: queue_of(name) for name in registered}
    assert set(through.values()) <= set(queues.NAMES)
    assert {through[name] for name in registered if name in TELLING} == {"notices"}
    assert {through[name] for name in registered if ".export_" in name} == {"exports"}
    assert {through[name] for name in registered if ".apply_" in name} == {"imports"}
    assert through["core.tick"] == "default"


def queue_of(name: str, **options: str) -> str:
    return str(current_app.amqp.router.route(options, name)["queue"].name)


def test_the_clock_names_no_queue_of_its_own() -> None:
    assert {name for name, entry in SCHEDULE.items() if "queue" in entry["options"]} == set()


def test_a_queue_that_nobody_declared_is_refused() -> None:
    with pytest.raises(QueueNotFound):
        queue_of("core.tick", queue="notice")
    typed_wrong = routes.prepare([queues.ROUTES | {"core.tick": {"queue": "defualt"}}])
    with pytest.raises(QueueNotFound):
        Router(typed_wrong, current_app.amqp.queues).route({}, "core.tick")


def test_with_missing_queues_made_the_wrong_name_would_pass() -> None:
    """The control-off side: Celery's default makes a queue that no worker serves."""
    made = current_app.amqp.Queues(queues.QUEUES, create_missing=True)
    assert Router([], made, create_missing=True).route({"queue": "notice"}, "core.tick")


def test_what_celery_is_told() -> None:
    """Late acknowledgement, one message at a time, JSON only, one time out in three places."""
    conf = current_app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True)
    assert conf.worker_prefetch_multiplier == 1
    assert (conf.task_serializer, conf.result_serializer, conf.event_serializer) == ("json",) * 3
    assert (conf.accept_content, conf.result_accept_content) == (["json"], ["json"])
    assert {
        conf.visibility_timeout,
        conf.broker_transport_options["visibility_timeout"],
        conf.result_backend_transport_options["visibility_timeout"],
    } == {settings.CELERY_VISIBILITY_TIMEOUT}


def test_a_task_says_neither_its_own_acknowledgement_nor_its_queue(registered: set[str]) -> None:
    own = {
        name: (task.acks_late, task.reject_on_worker_lost, task.ignore_result)
        for name, task in current_app.tasks.items()
        if name in registered
    }
    assert {name for name, said in own.items() if said != (True, True, True)} == set()
    assert {name for name in registered if getattr(current_app.tasks[name], "queue", None)} == set()


def test_each_app_has_one_module_of_tasks() -> None:
    holding = {path for path in sources() if "shared_task" in path.read_text()}
    assert holding == doors()


def doors() -> set[Path]:
    return {path for path in sources() if path.name == "tasks.py" and path.parent.parent == ROOT}


def test_a_task_is_a_door() -> None:
    """A docstring and one call of a service: ids in, nothing decided, nothing looked up."""
    thick = [
        label(path, node.lineno)
        for path in doors()
        for node in functions(path)
        if not is_door(node)
    ]
    assert thick == []


def is_door(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    said, *done = node.body
    return (
        isinstance(said, ast.Expr)
        and len(done) == 1
        and isinstance(done[0], ast.Expr)
        and isinstance(done[0].value, ast.Call)
        and not (node.args.posonlyargs or node.args.args)
        and {each.arg for each in node.args.kwonlyargs} <= {"job_id"}
    )


@pytest.mark.parametrize(
    "body",
    [
        "def t(job_id): 'x'; work(job_id)",
        "def t(*, name): 'x'; work(name)",
        "def t(): 'x'; a(); b()",
        "def t(): 'x'; found = a()",
        "def t(): 'x'; [a() for _ in b]",
    ],
)
def test_what_is_no_door(body: str) -> None:
    (node,) = ast.parse(body).body
    assert not is_door(node)  # type: ignore[arg-type]


def test_tasks_are_named_after_their_package(registered: set[str]) -> None:
    """Known by name from outside: a moved module must not change it."""
    for name in registered:
        package = name.partition(".")[0]
        assert current_app.tasks[name].__module__ == f"{package}.tasks"


def test_schedules_are_harmless_to_miss() -> None:
    """A message that waited longer than its own rhythm says nothing that the next does not."""
    for entry in SCHEDULE.values():
        assert entry["options"]["expires"] <= entry["schedule"]
