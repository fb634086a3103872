"""Run the tests on both sizes of the product: `python -m tests.run [--size SIZE] [pytest's own]`.

embedded: SQLite and the queue in a folder. city: PostgreSQL and Redis, private
to this run. Both run at the same time, each with a data folder of its own.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.management.supervisor import die_with_parent
from tests import services

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "var" / "test-logs"
ARTIFACTS = ROOT / "var" / "test-artifacts"
SIZES = ("embedded", "city")
PROCESSES = ("tests/journeys", "tests/infrastructure")
# The tests inside pytest's process and those that start real ones and wait for them run
# side by side: together they keep two processors busy.
PARTS = {"inside": tuple(f"--ignore={folder}" for folder in PROCESSES), "outside": PROCESSES}
NO_TESTS = 5  # pytest's exit code when nothing was selected
NEEDED = {
    "chromium": "the browser journeys",
    "pdftotext": "the look of the PDF reports",
    "initdb": "the size city (PostgreSQL)",
    "redis-server": "the size city (Redis)",
}
CITY_NEEDS = {"initdb", "redis-server"}
NAME_FACE = "FandolFang-Regular.otf"


@dataclass
class Run:
    """One pytest process: its size and part, where it writes, how it ended."""

    size: str
    part: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def name(self) -> str:
        return f"{self.size} {self.part}".strip()

    @property
    def failed(self) -> bool:
        return self.process.returncode not in (0, NO_TESTS)

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")


def main() -> int:
    """Run the chosen sizes and say in the end what failed and what was missing."""
    chosen, pytest_arguments = arguments()
    missing = missing_things()
    sizes = [size for size in chosen if size != "city" or not CITY_NEEDS & missing.keys()]
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    shutil.rmtree(ARTIFACTS, ignore_errors=True)
    began = time.monotonic()
    try:
        runs = run_all(sizes, pytest_arguments)
    except KeyboardInterrupt:
        print("\nInterrupted 已中断")
        return 130
    return report(runs, missing, time.monotonic() - began)


def arguments() -> tuple[Sequence[str], list[str]]:
    """Sizes to run, and what pytest gets; both sizes share one shuffle seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES)
    known, rest = parser.parse_known_args()
    if not any("randomly" in word for word in rest):
        rest.append(f"--randomly-seed={random.randrange(10**6)}")
    return ([known.size] if known.size else SIZES), rest


def missing_things() -> dict[str, str]:
    """Programs and files that some tests need and this machine lacks."""
    missing = {name: why for name, why in NEEDED.items() if not services.find_program(name)}
    if not (ROOT / "var" / "fonts" / NAME_FACE).is_file():
        missing[NAME_FACE] = "the 仿宋 face of the PDF reports"
    return missing


# --- running ------------------------------------------------------------------


def run_all(sizes: Sequence[str], pytest_arguments: list[str]) -> list[Run]:
    """Start every size, show how they go, and wait for all of them."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        runs = [
            start(size, part, stack.enter_context(environment(size)), [*chosen, *pytest_arguments])
            for size in sizes
            for part, chosen in parts_of(pytest_arguments).items()
        ]
        stack.callback(wait_after_interrupt, runs)
        follow(runs)
    for run in runs:
        run.log = run.log.replace(LOGS / f"{run.name.replace(' ', '-')}.log")
    return runs


def parts_of(pytest_arguments: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Both parts, or one run of just what the caller names by path."""
    named = any((ROOT / word.split("::")[0]).exists() for word in pytest_arguments)
    return {"": ()} if named else PARTS


@contextmanager
def environment(size: str) -> Iterator[dict[str, str]]:
    """Environment of one size: nothing of the operator's own settings gets in."""
    own = {k for k in os.environ if k.startswith("BIANFANG_") or k in {"HOST", "PORT"}}
    kept = {k: v for k, v in os.environ.items() if k not in own}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"bianfang-{size}-"))
        share_prepared_files(Path(folder))
        kept |= {"BIANFANG_VAR": folder, "BIANFANG_TEST_SIZE": size}
        if size == "city":
            kept["BIANFANG_DATABASE_URL"] = stack.enter_context(services.postgres())
            kept["BIANFANG_REDIS_URL"] = stack.enter_context(services.redis()) + "/0"
        yield kept


def share_prepared_files(folder: Path) -> None:
    """Let a private data folder use the fonts and static files that bootstrap made."""
    for name in ("fonts", "static"):
        (folder / name).symlink_to(ROOT / "var" / name)


def start(size: str, part: str, variables: dict[str, str], pytest_arguments: list[str]) -> Run:
    """Start pytest for one part of a size, its output going to a file."""
    log = LOGS / f"{size}-{part}-{os.getpid()}.log"  # another run may be going on
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *pytest_arguments],
            cwd=ROOT,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 -- one thread here
        )
    return Run(size, part, log, process)


def follow(runs: Sequence[Run]) -> None:
    """Print pytest's own lines as they come, each with its size in front."""
    seen = {run.name: 0 for run in runs}
    while True:
        running = any(run.process.poll() is None for run in runs)
        for run in runs:
            lines = run.text.split("\n")[:-1]  # the last one may still be growing
            for line in progress_lines(lines[seen[run.name] :]):
                print(f"{run.name:17}| {line}", flush=True)
            seen[run.name] = len(lines)
        if not running:
            return
        time.sleep(1)


def progress_lines(lines: Sequence[str]) -> list[str]:
    """Lines with a percentage at their end: one for each file or row of dots."""
    return [line for line in lines if re.search(r"\[\s*\d+%\]$", line)]


def wait_after_interrupt(runs: Sequence[Run]) -> None:
    """Ctrl-C reached pytest too: let it stop what it started before the servers go."""
    for run in runs:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGINT)
    for run in runs:
        try:
            run.process.wait(40)
        except subprocess.TimeoutExpired:
            run.process.kill()


# --- report -------------------------------------------------------------------


def report(runs: Sequence[Run], missing: dict[str, str], seconds: float) -> int:
    """Failures, one line for each size, what was missing; the exit code."""
    for run in runs:
        if run.failed:
            print(f"\n===== {run.name}: failures 失败 =====\n{failures(run.text)}")
    print()
    for run in runs:
        print(f"{run.name:17}| {last_line(run.text)}   ({run.log.relative_to(ROOT)})")
    print_missing(missing)
    bad = any(run.failed for run in runs) or not runs or bool(missing and os.environ.get("CI"))
    print(f"{'FAILED 未通过' if bad else 'PASSED 全部通过'} in {seconds:.0f} s")
    return 1 if bad else 0


def failures(text: str) -> str:
    """Everything from the first failure on."""
    found = re.search(r"^=+ (ERRORS|FAILURES) =+$", text, re.MULTILINE)
    return text[found.start() :].rstrip() if found else text[-6000:].rstrip()


def last_line(text: str) -> str:
    """pytest's own summary."""
    lines = text.strip().splitlines()
    return lines[-1].strip("= ") if lines else "no output"


def print_missing(missing: dict[str, str]) -> None:
    """Name loudly what could not be tried here."""
    if not missing:
        return
    print("\n!!!!! NOT TESTED HERE 本机未能测试 !!!!!")
    for name, why in missing.items():
        print(f"!!!!! {name} is missing: {why}")


if __name__ == "__main__":
    sys.exit(main())
