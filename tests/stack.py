"""The running product for tests: its own data folder, database, port and processes.

`stack` is shared by a whole test session and filled with the example county.
`new_stack` is a context manager for tests that break theirs. Tests touch the
database of a stack only through `manage`: it lives in other processes.
"""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from core.management.supervisor import die_with_parent
from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 240  # a busy machine needs long; a quick one answers in 3
STOP_SECONDS = 60
HOUSEHOLDS = 200
PARTS = {"gunicorn": "web", "worker": "worker", "beat": "beat"}
_redis_numbers = itertools.count(1)  # 0 belongs to the tests inside the pytest process


class Stack:
    """One installation of the product under `folder`."""

    def __init__(self, folder: Path, database_url: str = "", redis_url: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.env = _own_environment() | {"BIANFANG_VAR": str(folder), "PORT": str(self.port)}
        if database_url:
            self.env["BIANFANG_DATABASE_URL"] = database_url
        if redis_url:
            self.env["BIANFANG_REDIS_URL"] = redis_url
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str, timeout: float = 300) -> str:
        """Run a management command on this installation and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {arguments}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def prepare(self) -> None:
        """Create the tables and the example county."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("demo", "--households", str(HOUSEHOLDS))

    def start(self, *options: str) -> None:
        """Start `manage.py serve` and wait until it answers."""
        with self.output_file.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", *options],
                cwd=ROOT,
                env=self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 -- no lock is held here
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            assert self.process.poll() is None, f"serve ended:\n{self.logs()}"
            assert time.monotonic() < deadline, f"serve does not answer:\n{self.logs()}"
            time.sleep(0.2)

    def stop(self) -> int:
        """Ask the supervisor to stop; its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()

    @property
    def output_file(self) -> Path:
        """What `serve` printed."""
        return self.folder / "serve.out"

    @property
    def pids(self) -> dict[str, int]:
        """Process numbers of the supervisor's children by part: web, worker, beat."""
        assert self.process is not None
        found = {}
        for pid in children_of(self.process.pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            found |= {part: pid for word, part in PARTS.items() if word in words}
        return found

    def is_healthy(self) -> bool:
        """Whether /healthz answers 200."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200 and json.load(answer) is not None)
        except (OSError, ValueError, urllib.error.URLError):
            return False

    def logs(self) -> str:
        """Everything written so far, for the message of a failing test."""
        files = [self.output_file, *sorted((self.folder / "logs").glob("*.log"))]
        texts = [f"--- {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in files]
        return "\n".join(texts)


def children_of(pid: int) -> list[int]:
    """Direct child processes."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in listed.split()]


def _own_environment() -> dict[str, str]:
    own = {k for k in os.environ if k.startswith("BIANFANG_") or k in {"HOST", "PORT"}}
    return {k: v for k, v in os.environ.items() if k not in own}


@contextmanager
def _data_folder() -> Iterator[Path]:
    """A data folder that shares the fonts and static files that bootstrap made."""
    prepared = Path(os.environ.get("BIANFANG_VAR") or ROOT / "var").resolve()
    folder = Path(tempfile.mkdtemp(prefix="bianfang-stack-"))
    try:
        for name in ("fonts", "static"):
            (folder / name).symlink_to((prepared / name).resolve())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database() -> Iterator[str]:
    """A database of its own on the server of this test run; empty: SQLite in the folder."""
    server = os.environ.get("BIANFANG_DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    name = f"stack_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _redis() -> str:
    server = os.environ.get("BIANFANG_REDIS_URL", "")
    return server and urlunsplit(urlsplit(server)._replace(path=f"/{next(_redis_numbers)}"))


@contextmanager
def new_stack(*, filled: bool = True) -> Iterator[Stack]:
    """A stack that is not started yet; stopped and removed when the block is left."""
    with _data_folder() as folder, _database() as database_url:
        stack = Stack(folder, database_url, _redis())
        try:
            if filled:
                stack.prepare()
            yield stack
        finally:
            stack.stop()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The product, running, with the example county; shared by the session."""
    with new_stack() as running:
        running.start()
        yield running
