"""Runs several programs as one: they start together and stop together.

Every child leads its own process group and writes to its own log. The kernel
ends the children when the supervisor is killed, where it can (Linux).
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 10.0  # between asking a child to stop and killing it
POLL_SECONDS = 0.2
LOG_KEEP_BYTES = 5 * 1024 * 1024  # a longer log is set aside at the next start
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A program to run: its name, its command line, and where it writes."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    held: Sequence[int] = ()  # open files that stay open in it
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program as the leader of a new process group."""
        _set_aside(self.log)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 -- our own command lines
                self.command,
                env=os.environ | dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                pass_fds=self.held,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 -- the supervisor has one thread
            )

    def exit_code(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs."""
        return self.process.poll() if self.process else None

    def ask_to_stop(self) -> None:
        """Send TERM to the program, which stops its own workers."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """Kill whatever is left of the process group."""
        if self.process:
            kill_group(self.process.pid)
            self.process.wait()

    def last_lines(self, count: int = 12) -> str:
        """End of the log, for the line that says why the program stopped."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])


class Supervisor:
    """Starts children, waits until one ends or a signal comes, stops all of them.

    A second signal kills what has not stopped yet.
    """

    def __init__(
        self, children: Sequence[Child], when_stopping: Callable[[], None] = lambda: None
    ) -> None:
        self.children = children
        self._when_stopping = when_stopping
        self._signals = 0  # the first asks everything to stop, the second stops the waiting

    def run(self, when_started: Callable[[], bool]) -> Child | None:
        """Run until stopped; return the child that ended by itself, or None.

        `when_started` is called at each look until it answers True.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        try:
            for child in self.children:
                child.start()
            return self._watch(when_started)
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask all children to stop, wait, and kill the groups of those that did not."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._running() and self._signals < 2 and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS / 4)
        for child in self.children:
            child.kill()

    def _watch(self, when_started: Callable[[], bool]) -> Child | None:
        started = False
        while not self._signals:
            ended = [child for child in self.children if child.exit_code() is not None]
            if ended:
                return ended[0]
            started = started or when_started()
            time.sleep(POLL_SECONDS)
        return None

    def _running(self) -> list[Child]:
        return [child for child in self.children if child.process and child.exit_code() is None]

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        if not self._signals:
            self._when_stopping()
        self._signals += 1


def _set_aside(log: Path) -> None:
    """Keep one older log once it has grown long."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_KEEP_BYTES:
        log.replace(log.with_suffix(".log.1"))


def kill_group(leader: int) -> None:
    """Kill every process of a group, if any is left."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def die_with_parent(number: int = signal.SIGTERM) -> Callable[[], None] | None:
    """What a new child calls first, so that the kernel sends it a signal when its parent ends."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def before_exec() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec
