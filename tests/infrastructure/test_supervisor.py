"""The supervisor with small programs in place of the product's own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.management import supervisor
from core.management.supervisor import Child, Supervisor

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"

IMPATIENT = """
import sys
from pathlib import Path
from core.management.supervisor import Child, Supervisor

def say_when_ready():
    return "ready" in deaf.log.read_text() and not print("up", flush=True)

deaf = Child("deaf", [sys.executable, "-c", {code!r}], Path({log!r}))
Supervisor([deaf], lambda: print("stopping", flush=True)).run(say_when_ready)
"""


def started(folder: Path, code: str, name: str = "part") -> Child:
    """A running child that has printed its first line."""
    child = Child(name, [sys.executable, "-c", code], folder / f"{name}.log", {"COLOUR": "red"})
    child.start()
    deadline = time.monotonic() + 10
    while not child.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    return child


def test_stop_asks_first(tmp_path: Path) -> None:
    child = started(tmp_path, SLEEP)
    Supervisor([child]).stop()
    assert child.exit_code() == -15


def test_stop_kills_what_does_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.3)
    deaf, polite = started(tmp_path, STUBBORN, "deaf"), started(tmp_path, SLEEP, "polite")
    Supervisor([deaf, polite]).stop()
    assert [deaf.exit_code(), polite.exit_code()] == [-9, -15]


def test_second_signal_ends_the_waiting(tmp_path: Path) -> None:
    program = IMPATIENT.format(code=STUBBORN, log=str(tmp_path / "deaf.log"))
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopping\n"
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(supervisor.GRACE_SECONDS) == 0
    assert time.monotonic() - began < supervisor.GRACE_SECONDS / 2


def test_child_leads_its_own_group_and_gets_its_environment(tmp_path: Path) -> None:
    child = started(tmp_path, f"import os; print(os.environ['COLOUR'], flush=True); {SLEEP}")
    try:
        assert child.process is not None
        assert os.getpgid(child.process.pid) == child.process.pid
        assert child.last_lines().startswith("red")
    finally:
        child.kill()


def test_long_log_is_set_aside_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_KEEP_BYTES", 10)
    (tmp_path / "part.log").write_text("an older and longer log\n")
    child = started(tmp_path, SLEEP)
    child.kill()
    assert child.log.read_text() == "ready\n"
    assert (tmp_path / "part.log.1").read_text() == "an older and longer log\n"
