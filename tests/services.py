"""Private PostgreSQL and Redis servers for the tests, gone when the tests end.

Both listen on the loopback interface only, on a free port, and keep their data
in a temporary folder. A killed test run takes them along.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.management.supervisor import die_with_parent, kill_group

START_SECONDS = 120
STOP_SECONDS = 10
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # the data dies with the tests
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
}


class ServiceError(Exception):
    """A server is not installed or did not start."""


def find_program(name: str) -> str | None:
    """Path of a program; Debian keeps PostgreSQL's servers outside PATH."""
    servers = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(servers[-1]) if servers else None)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres(keep: Path | None = None) -> Iterator[str]:
    """Run a PostgreSQL server; yields its address, with a superuser and an empty database.

    With ``keep`` its databases stay in that folder and are there the next time.
    """
    initdb, server = _required("initdb"), _required("postgres")
    with _folder(keep) as folder:
        data, port = folder / "data", free_port()
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        initial = [initdb, "-D", data, "-U", "bianfang", "--auth=trust", "--no-sync", *locale]
        if not data.exists():
            subprocess.run(initial, check=True, capture_output=True, cwd=folder, **_unprivileged())
        settings = [f"--{name}={value}" for name, value in POSTGRES_SETTINGS.items()]
        command = [server, "-D", data, "-p", str(port), *settings]
        with _server(command, folder, signal.SIGINT, lambda: _postgres_answers(port)):
            yield f"postgresql://bianfang@127.0.0.1:{port}/postgres"


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis server that keeps nothing; yields its address without a database number."""
    server, port = _required("redis-server"), free_port()
    with _folder() as folder:
        settings = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "64"]
        command = [server, "--port", str(port), "--dir", folder, *settings]
        with _server(command, folder, signal.SIGTERM, lambda: _redis_answers(port)):
            yield f"redis://127.0.0.1:{port}"


def _required(name: str) -> str:
    path = find_program(name)
    if not path:
        raise ServiceError(f"{name} is not installed")
    return path


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: the account it runs as then."""
    if os.geteuid() != 0:
        return {}
    known = {account.pw_name: account for account in pwd.getpwall()}
    account = known.get("postgres") or known["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def _folder(keep: Path | None = None) -> Iterator[Path]:
    """A folder that belongs to the account of the server; unless kept it is a temporary one."""
    account = _unprivileged()
    with ExitStack() as stack:
        if keep is None:
            temporary = tempfile.TemporaryDirectory(prefix="bianfang-test-")
            keep = Path(stack.enter_context(temporary))
        folder = keep.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if account:
            os.chown(folder, account["user"], account["group"])
        yield folder


@contextmanager
def _server(
    command: Sequence[str | Path], folder: Path, stop: signal.Signals, ready: Callable[[], bool]
) -> Iterator[None]:
    """Run a server in its own process group until the block is left, however it is left."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=die_with_parent(stop),  # noqa: PLW1509 -- tests start servers first
            **_unprivileged(),
        )
        try:
            _wait_until(ready, process, folder / "log")
            yield
        finally:
            _stop(process, stop)


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServiceError(f"{process.args[0]} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        kill_group(process.pid)
        process.wait()


def _postgres_answers(port: int) -> bool:
    command = [_required("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(command, check=False).returncode == 0


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
