"""Kill -9 while reminders flow, again and again, and count every row in the end.

    python -m tests.faults --rounds 500            PostgreSQL and Redis
    python -m tests.faults --rounds 100 --size embedded

Each round is a working day: problems come due, the clock asks the worker to tell, and at a
random moment the worker, the clock or the broker is killed and started again. Every
fiftieth round the clock stays dead for three days. At the end each reminder that the days
asked for is there once, none is missing, and everybody has one digest for each day.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import django

from tests import services
from tests.faults.processes import Process, parts

START = date(2030, 1, 7)
OUTAGE_EVERY, OUTAGE_DAYS = 50, 3
DRAINED_SECONDS = 90


def main() -> int:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bianfang-faults-")))
        redis = _environment(folder, options.size, stack)
        return _run(folder, options, redis, stack)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--size", choices=["city", "embedded"], default="city")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _environment(folder: Path, size: str, stack: ExitStack) -> tuple[str, int] | None:
    """Set what every process reads; the broker's program and port where there is one."""
    for name in [name for name in os.environ if name.startswith("BIANFANG_")]:
        del os.environ[name]
    os.environ |= {
        "BIANFANG_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "BIANFANG_VISIBILITY_SECONDS": "3",
        "FAULTS_MAIL_PORT": str(services.free_port()),
    }
    for name in ("broker/queue", "broker/control"):
        (folder / name).mkdir(parents=True)
    if size == "embedded":
        return None
    port = services.free_port()
    os.environ["BIANFANG_DATABASE_URL"] = stack.enter_context(services.postgres())
    os.environ["BIANFANG_REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    server = services.find_program("redis-server")
    assert server, "redis-server is not installed"
    return server, port


def _run(
    folder: Path, options: argparse.Namespace, redis: tuple[str, int] | None, stack: ExitStack
) -> int:
    django.setup()
    from django.core.management import call_command

    from tests.faults.ledger import Ledger
    from tests.faults.machine import Machine

    call_command("migrate", verbosity=0)
    found = parts(folder, redis)
    machine = Machine.build(folder, stack)
    ledger = Ledger(machine.world)
    chance = random.Random(options.seed)
    for part in found.values():
        part.start()
        stack.callback(part.kill)
    began = time.monotonic()
    kills = _rounds(options.rounds, chance, found, ledger, machine)
    print(f"{options.rounds} rounds in {time.monotonic() - began:.0f} s, killed {dict(kills)}")
    _keep_logs(folder)
    return machine.report(ledger)


def _rounds(
    rounds: int,
    chance: random.Random,
    found: dict[str, Process],
    ledger: "object",
    machine: "object",
) -> Counter[str]:
    day, kills = START, Counter()
    for number in range(1, rounds + 1):
        day = machine.next_workday(day)
        if number % OUTAGE_EVERY == 0:
            found["beat"].kill()
            time.sleep(1)  # what it had sent is told by then
            for _ in range(OUTAGE_DAYS):
                ledger.write(day)
                day = machine.next_workday(day)
            machine.let_day_be(day)
            found["beat"].start()
        ledger.write(day)
        machine.let_day_be(day)
        time.sleep(chance.uniform(0, 1.2))
        victim = chance.choice(list(found.values()))
        victim.kill()
        kills[victim.name] += 1
        victim.start()
        _wait(lambda day=day: machine.is_drained(day), f"round {number}, {victim.name} killed")
        ledger.told.append(day)
        if number % 25 == 0:
            print(f"round {number}: {machine.numbers()}", flush=True)
    return kills


def _wait(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DRAINED_SECONDS
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not told within {DRAINED_SECONDS} s")
        time.sleep(0.1)


def _keep_logs(folder: Path) -> None:
    kept = Path(__file__).resolve().parent.parent.parent / "var" / "test-logs" / "faults"
    kept.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, kept)


if __name__ == "__main__":
    sys.exit(main())
