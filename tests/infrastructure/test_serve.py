"""`manage.py serve`: its parts start together and stop together, and it refuses clearly."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.services import free_port
from tests.stack import ROOT, STOP_SECONDS, Stack, children_of, new_stack


@pytest.fixture
def bare_stack() -> Iterator[Stack]:
    """An installation without tables, not started."""
    with new_stack(filled=False) as stack:
        yield stack


def is_running(pid: int) -> bool:
    """Whether the process exists and is more than an entry waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def with_descendants(pids: list[int]) -> list[int]:
    return pids + [pid for parent in pids for pid in with_descendants(children_of(parent))]


def everyone_of(stack: Stack) -> list[int]:
    """All processes below the supervisor: three parts, two web workers, two task processes."""

    def found() -> list[int]:
        return with_descendants(list(stack.pids.values()))

    assert wait_until(lambda: len(found()) == 7), found()
    return found()


def wait_until(condition: Callable[[], bool], seconds: float = STOP_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def none_left(pids: list[int]) -> bool:
    return not any(is_running(pid) for pid in pids)


def serve(stack: Stack, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `serve` when it is expected to refuse."""
    return subprocess.run(
        [sys.executable, "manage.py", "serve", *options],
        cwd=ROOT,
        env=stack.env | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on the terminal, of a command that failed."""
    assert done.returncode != 0
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_everything_starts_says_where_it_is_and_stops(bare_stack: Stack) -> None:
    (bare_stack.folder / "demo_accounts.txt").write_text("office / example\n")
    bare_stack.start()
    everyone = everyone_of(bare_stack)
    printed = bare_stack.output_file.read_text
    assert wait_until(lambda: "office / example" in printed())
    assert f"http://127.0.0.1:{bare_stack.port}/" in printed()
    log = bare_stack.folder / "logs" / "worker.log"
    assert wait_until(lambda: "[queues]" in log.read_text())
    assert "No hostname" not in log.read_text()

    second = serve(bare_stack, PORT=str(free_port()))
    assert "Already running on this data folder" in refusal(second)

    assert bare_stack.stop() == 0
    assert none_left(everyone)


def test_death_of_the_worker_stops_the_rest(bare_stack: Stack) -> None:
    bare_stack.start()
    everyone = everyone_of(bare_stack)
    os.kill(bare_stack.pids["worker"], signal.SIGKILL)
    assert_stopped_because_of("worker", bare_stack)
    assert none_left(everyone)


@pytest.mark.parametrize("part", ["web", "beat"])
def test_death_of_another_part_stops_the_rest(bare_stack: Stack, part: str) -> None:
    bare_stack.start("--only", "web", "beat")
    everyone = with_descendants(list(bare_stack.pids.values()))
    os.kill(bare_stack.pids[part], signal.SIGKILL)
    assert_stopped_because_of(part, bare_stack)
    assert none_left(everyone)


def assert_stopped_because_of(part: str, stack: Stack) -> None:
    assert stack.process is not None
    assert stack.process.wait(STOP_SECONDS) == 1
    assert f"{part} stopped by itself (exit -9)" in stack.output_file.read_text()


def test_killed_supervisor_takes_its_children_along(bare_stack: Stack) -> None:
    bare_stack.start()
    assert bare_stack.process is not None
    everyone = everyone_of(bare_stack)
    bare_stack.process.kill()
    assert wait_until(lambda: none_left(everyone))


def test_stopped_installation_starts_again(bare_stack: Stack) -> None:
    bare_stack.start("--only", "web", "beat")
    assert bare_stack.stop() == 0
    bare_stack.start("--only", "web", "beat")
    assert bare_stack.is_healthy()


def test_start_says_what_it_prepares(bare_stack: Stack) -> None:
    first = [
        "--only",
        "beat",
        "--first",
        "migrate",
        "--first",
        "demo --if-empty --households 20 --issues 10",
    ]
    printed = [lines_until_running(bare_stack, *first) for _ in range(2)]
    database, demo = "Preparing the database 准备数据库 …", "Loading the demo 载入演示数据 …"
    assert printed == [[database, demo], [database]]
    assert "[ ]" not in bare_stack.manage("showmigrations")


def lines_until_running(stack: Stack, *options: str) -> list[str]:
    """What `serve` prints before it says that its parts run."""
    command = [sys.executable, "manage.py", "serve", *options]
    with subprocess.Popen(
        command, cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        before = itertools.takewhile(lambda line: line != "Running: beat\n", process.stdout)
        lines = [line.rstrip() for line in before]
        process.terminate()
    return lines


@pytest.mark.parametrize(
    ("variable", "scheme"), [("DATABASE_URL", "postgresql"), ("REDIS_URL", "redis")]
)
def test_unreachable_service_is_refused_before_anything_starts(
    bare_stack: Stack, variable: str, scheme: str
) -> None:
    address = f"{scheme}://nobody:hidden@127.0.0.1:{free_port()}/0"
    done = serve(bare_stack, "--first", "migrate", **{f"BIANFANG_{variable}": address})
    line = refusal(done)
    assert line.startswith(f"CommandError: BIANFANG_{variable}：连不上")
    assert "hidden" not in line
    assert not list(bare_stack.folder.glob("logs/*"))


def test_used_port_is_refused_before_anything_starts(bare_stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", bare_stack.port)):
        line = refusal(serve(bare_stack))
    assert f"Cannot listen on 127.0.0.1:{bare_stack.port}" in line
    assert not list(bare_stack.folder.glob("logs/*"))


def test_host_of_the_environment_is_listened_on(bare_stack: Stack) -> None:
    bare_stack.env |= {"HOST": "0.0.0.0", "BIANFANG_BASE_URL": "http://192.0.2.1:8000"}
    bare_stack.start("--only", "web")
    with socket.create_connection(("127.0.0.2", bare_stack.port), timeout=5):
        pass
    printed = bare_stack.output_file.read_text
    assert wait_until(lambda: "遍访 Bianfang: http://192.0.2.1:8000/" in printed())
    assert "写进 BIANFANG_HOSTS" in printed()


def test_host_of_another_machine_is_refused(bare_stack: Stack) -> None:
    assert "Cannot listen on 192.0.2.1" in refusal(serve(bare_stack, HOST="192.0.2.1"))


def test_impossible_port_is_refused(bare_stack: Stack) -> None:
    assert "PORT must be a number" in refusal(serve(bare_stack, PORT="http"))


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "8000 ", "²³"])
def test_what_is_no_port(port: str) -> None:
    """Asked in this process: starting another one costs seconds."""
    with pytest.raises(CommandError, match="PORT must be a number"):
        call_command("serve", port=port)


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "BASE_URL", "HTTPS"])
def test_broken_variable_is_named_in_one_line(bare_stack: Stack, name: str) -> None:
    line = refusal(serve(bare_stack, **{f"BIANFANG_{name}": "nonsense"}))
    assert name in line
