"""`manage.py serve`: the whole product on one machine, web, worker and clock."""

import fcntl
import http.client
import os
import shlex
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from core import temporary
from core.management.reachable import refuse_unreachable_database, refuse_unreachable_redis
from core.management.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[3]
WORKER_MEMORY_KB = 600_000  # a worker process beyond it is replaced after its task
WEB = (
    "-m gunicorn config.wsgi:application --worker-class gthread --workers 2 --threads 4"
    " --preload --timeout 60 --graceful-timeout 8 --log-level warning --no-control-socket"
)
WORKER = (
    "-m celery -A config worker --concurrency 2 --prefetch-multiplier 1"
    f" --max-memory-per-child {WORKER_MEMORY_KB} --without-gossip --without-mingle"
    " --loglevel WARNING"
)
BEAT = "-m celery -A config beat --loglevel WARNING"
LOCAL = "127.0.0.1"
OTHERS_REFUSED = (
    "别的设备现在打不开：请把它们访问用的地址写进 BIANFANG_HOSTS 和 BIANFANG_BASE_URL，再启动"
)
PARTS = ("web", "worker", "beat")


class Command(BaseCommand):
    """Starts the parts together and stops them together."""

    help = "Run web, worker and clock until Ctrl-C 启动网站、后台任务与定时器，Ctrl-C 停止"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or LOCAL, help="or HOST")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="or PORT")
        parser.add_argument(
            "--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run on this machine"
        )
        parser.add_argument(
            "--first", action="append", default=[], help='command to run before, as "migrate"'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], _checked_port(options["port"])
        _make_folders()
        if "web" in options["only"]:
            _refuse_used_port(host, port)
        refuse_unreachable_redis()
        refuse_unreachable_database()
        with _running_lock().open("w") as lock:
            if "beat" in options["only"]:
                _refuse_second_clock(lock)
            with temporary.hold() as files:
                self._prepare(options["first"])
                self._serve(host, port, options["only"], files)

    def _prepare(self, commands: list[str]) -> None:
        """Run other commands in this process: each process of its own costs seconds."""
        for words in map(shlex.split, commands):
            if words[0] == "migrate":
                self.stdout.write("Preparing the database 准备数据库 …")
                self.stdout.flush()
            try:
                call_command(*words, stdout=self.stdout, verbosity=0)
            except DatabaseError as error:
                raise CommandError(f"{words[0]}: {str(error).strip().splitlines()[0]}") from error
        connections.close_all()  # children open their own

    def _serve(self, host: str, port: int, parts: tuple[str, ...], files: TextIO) -> None:
        held = (files.fileno(),)
        children = [child for child in _children(host, port, held) if child.name in parts]
        supervisor = Supervisor(children, when_stopping=self._say_stopping)
        ended = supervisor.run(lambda: self._announce(host, port, parts))
        if ended:
            raise CommandError(
                f"{ended.name} stopped by itself (exit {ended.exit_code()}), so the rest was"
                f" stopped too 已全部停止. {ended.log}:\n{ended.last_lines()}"
            )
        self.stdout.write("Stopped 已停止")

    def _say_stopping(self) -> None:
        self.stdout.write("Stopping, running tasks get 10 s; again to stop now 正在停止")

    def _announce(self, host: str, port: int, parts: tuple[str, ...]) -> bool:
        """Print the address and the demo accounts as soon as pages are served."""
        if "web" in parts and not _answers(host, port):
            return False
        address = settings.BASE_URL or f"http://{_shown(host)}:{port}"
        lines = [f"遍访 Bianfang: {address}/" if "web" in parts else f"Running: {', '.join(parts)}"]
        accounts = settings.VAR_DIR / "demo_accounts.txt"
        if accounts.is_file():
            lines.append(accounts.read_text().rstrip())
        if "web" in parts and _refuses_those_it_listens_to(host):
            lines.append(OTHERS_REFUSED)
        lines.append(f"Logs 日志: {_log_folder()}    Ctrl-C to stop 停止")
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
        return True


def _children(host: str, port: int, held: tuple[int, ...]) -> list[Child]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    commands = {"web": [*WEB.split(), "--bind", bind], "worker": WORKER.split()}
    commands["beat"] = BEAT.split()
    environment = {
        "PYTHONPATH": str(ROOT),  # whatever folder the command was given in
        "MALLOC_ARENA_MAX": "2",  # threads share heaps, so memory is given back
        "TMPDIR": str(temporary.folder()),  # same disk: a finished file moves in one step
    }
    return [
        Child(name, [sys.executable, *words], _log_folder() / f"{name}.log", environment, held)
        for name, words in commands.items()
    ]


def _checked_port(value: str) -> int:
    if value.isdecimal() and 0 < int(value) < 65536:
        return int(value)
    raise CommandError(f"PORT must be a number from 1 to 65535, not {value!r} 端口号无效")


def _refuse_used_port(host: str, port: int) -> None:
    """Stop before anything starts when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({error.strerror}); choose another with PORT=8001"
                " or HOST=127.0.0.1 地址或端口不可用"
            ) from error


def _running_lock() -> Path:
    return Path(settings.VAR_DIR / "serve.lock")


def _refuse_second_clock(lock: TextIO) -> None:
    """Two clocks on one data folder would run every schedule twice."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CommandError(
            f"Already running on this data folder 已在运行: {settings.VAR_DIR}"
        ) from error


def _make_folders() -> None:
    """The folders that the children expect."""
    folders = [temporary.folder(), _log_folder()]
    transport: dict[str, Any] = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    names = ("data_folder_in", "data_folder_out", "control_folder")
    folders += [Path(transport[name]) for name in names if name in transport]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)


def _log_folder() -> Path:
    return Path(settings.VAR_DIR / "logs")


def _refuses_those_it_listens_to(host: str) -> bool:
    """Whether other machines reach the port and then get 400 for the name they used."""
    local = {"localhost", LOCAL, "::1", "[::1]"}
    return host not in local and set(settings.ALLOWED_HOSTS) <= local


def _shown(host: str) -> str:
    """An address for a browser on this machine."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _answers(host: str, port: int) -> bool:
    """Whether the web server answers at all; what it answers is not the question here."""
    connection = http.client.HTTPConnection(_shown(host).strip("[]"), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
