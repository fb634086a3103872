"""What is killed and started again: the worker, the clock, the broker."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from core.management.supervisor import die_with_parent, kill_group

ROOT = Path(__file__).resolve().parent.parent.parent
CELERY = [sys.executable, "-m", "celery", "-A", "config"]
WORKER = [*CELERY, "worker", "--pool", "solo", "--queues", "notices", "--loglevel", "WARNING"]
BEAT = [*CELERY, "beat", "--loglevel", "WARNING", "--max-interval", "1"]


@dataclass
class Process:
    """A program with its own group, so that kill -9 reaches all of it."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)  # in place of this process's own
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment or None,  # this one's
                stdout=output,
                stderr=output,
                process_group=0,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 -- nothing else runs in threads yet
            )

    def kill(self) -> None:
        """SIGKILL, whatever it is doing."""
        if self.running:
            kill_group(self.running.pid)
            self.running.wait()
            self.running = None


def parts(folder: Path, redis: tuple[str, int] | None) -> dict[str, Process]:
    """Two workers, the clock, and the broker where it is a process."""
    schedule = ["--schedule", str(folder / "schedule"), "--pidfile="]
    found = {
        name: Process(name, [*WORKER, "--hostname", name], folder / f"{name}.log")
        for name in ("worker-1", "worker-2")
    }
    found |= {
        "beat": Process("beat", [*BEAT, *schedule], folder / "beat.log"),
    }
    if redis:
        server, port = redis
        settings = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command = [server, "--port", str(port), "--dir", str(folder), *settings]
        found["redis"] = Process("redis", command, folder / "redis.log")
    return found
