"""Starts worker and clock with nothing to do, and prints the share of a processor they take.

Started by bench/run.py in an environment of its own, with an empty database and an empty
folder queue: what it finds is what the product costs while nobody uses it. What goes by the
clock belongs to that.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from core.management.supervisor import die_with_parent

SETTLING = 30  # seconds until everything is imported and the clock has gone round once
STARTING = 60
STOPPING = 20
PARTS = {"worker": "worker", "beat": "beat"}
TICKS = os.sysconf("SC_CLK_TCK")


def main(seconds: int) -> None:
    command = [sys.executable, "manage.py", "serve", "--only", *PARTS]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(),  # noqa: PLW1509 -- there is one thread here
    ) as supervisor:
        try:
            _wait_until_running(supervisor)
            time.sleep(SETTLING)
            print(json.dumps(_shares(supervisor.pid, seconds)))
        finally:
            _stop(supervisor)


def _wait_until_running(supervisor: subprocess.Popen[str]) -> None:
    """Return when ``serve`` has said so; end when it has ended."""
    signal.alarm(STARTING)  # it ends this process, and the kernel the rest with it
    for line in supervisor.stdout or []:
        if line.startswith("Running:"):
            signal.alarm(0)
            return
    sys.exit("serve ended before it was running")


def _shares(supervisor: int, seconds: int) -> dict[str, float]:
    """Processor seconds per second of each part, with all of its processes, and of ``serve``."""
    leaders = {"serve": [supervisor]} | {
        part: _with_children(pid) for part, pid in _parts(supervisor).items()
    }
    assert leaders.keys() == {"serve", *PARTS}, leaders
    before, began = _used(leaders), time.monotonic()
    time.sleep(seconds)
    after, passed = _used(leaders), time.monotonic() - began
    return {part: (after[part] - before[part]) / passed for part in leaders}


def _parts(supervisor: int) -> dict[str, int]:
    """The process of each part, by the word in its command line."""
    found = {}
    for pid in _children(supervisor):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        found |= {part: pid for part, word in PARTS.items() if word in words}
    return found


def _with_children(pid: int) -> list[int]:
    return [pid, *(each for child in _children(pid) for each in _with_children(child))]


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _used(parts: dict[str, list[int]]) -> dict[str, float]:
    """Processor seconds so far, by user and kernel."""
    return {part: sum(map(_seconds, pids)) for part, pids in parts.items()}


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / TICKS


def _stop(supervisor: subprocess.Popen[str]) -> None:
    supervisor.terminate()
    try:
        supervisor.wait(STOPPING)
    except subprocess.TimeoutExpired:
        supervisor.kill()  # the kernel ends its children with it


if __name__ == "__main__":
    main(int(sys.argv[1]))
