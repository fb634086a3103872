"""Reads hostile files, each in a process of its own, and prints what each took, as JSON.

Started by the tests in a fresh interpreter, so that the largest memory told is that of the
product and of one file. Reading waits for nothing: its seconds are those of the processor, and
by the clock it takes as long where the machine is free. ``--careless`` takes the guards away:
the control.
"""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

PROCESSOR_SECONDS = 11  # more than any file may take
KILLED_AFTER = 90  # by the clock, on a machine that is busy with something else
MOST_MEMORY = 1_200 * 1024 * 1024  # so that a control does not take the machine along


def main(folder: Path, names: list[str], careless: bool) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.core.heavy import HEAVY
    from tests.core.hostile import CELLS, READ, REFUSED

    makers = {name: made[0] for name, made in (HEAVY | REFUSED).items()}
    makers |= {name: made[0] for name, made in CELLS.items()} | READ
    _read(folder / "first", READ["CSV"])  # what is imported late is not the file's
    if careless:
        _take_guards_away()
    print(json.dumps({name: _measured(folder / "file", makers[name]) for name in names}))


def _read(path: Path, make: Callable[[], bytes]) -> None:
    path.write_bytes(make())
    _judged(path)


def _measured(path: Path, make: Callable[[], bytes]) -> dict[str, object]:
    """The file is made in one process and read in the next."""
    _apart(lambda: str(path.write_bytes(make())))
    return _apart(lambda: _judged(path))


def _apart(work: Callable[[], str]) -> dict[str, object]:
    """What it says, how long it took, and how much memory its process had at most."""
    reading, writing = os.pipe()
    begin = time.monotonic()
    child = os.fork()
    if not child:
        _in_child(work, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        words = pipe.read()
    _, status, used = os.wait4(child, 0)
    return {
        "words": words,
        "seconds": round(used.ru_utime + used.ru_stime, 2),
        "clock": round(time.monotonic() - begin, 2),
        "megabytes": used.ru_maxrss // 1024,
        "ended": os.waitstatus_to_exitcode(status),
    }


def _in_child(work: Callable[[], str], writing: int) -> None:
    signal.alarm(KILLED_AFTER)
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        os.write(writing, work().encode())
    except BaseException as error:  # the child ends here, whatever it was
        os.write(writing, f"!{type(error).__name__}: {str(error)[:200]}".encode())
        os._exit(1)
    os._exit(0)


def _judged(path: Path) -> str:
    """Why the file is refused, or how many rows it holds; as the check reads it."""
    from core.workbook import WorkbookError, opened, read_lines, tops
    from visits.choices import TargetKind
    from visits.register.columns import layout_of, to_keep
    from visits.register.fields import MAX_ROWS
    from visits.services import upload

    kind = TargetKind.HOUSEHOLD
    try:
        with path.open("rb") as file, opened(file, upload.LIMITS) as book:
            to_keep(tops(book), kind)
            layout = layout_of(kind, {})
            lines = read_lines(book, layout, max_rows=MAX_ROWS, several=True)
            return f"#{sum(read.row is not None for read in lines)}"
    except WorkbookError as error:
        return str(error)


def _take_guards_away() -> None:
    from core.sheets import container, excel, pieces, text, values
    from core.sheets.container import Limits
    from visits.services import upload

    endless = 1 << 60
    for module, guards in {
        container: ("LARGEST_DIRECTORY", "MAX_ENTRIES", "MAX_RATIO"),
        excel: (
            "LARGEST_EXCESS",
            "LARGEST_TEXTS",
            "LARGEST_TREE",
            "LONGEST_FORMAT",
            "MOST_TEXTS",
        ),
        pieces: ("LARGEST_PLAIN", "LONGEST_ROW", "LONGEST_SPACES"),
        text: ("LAST_ROW", "LONGEST_LINE"),
        values: ("MAX_CELLS",),
    }.items():
        for guard in guards:
            assert hasattr(module, guard)
            setattr(module, guard, endless)
    upload.LIMITS = Limits(endless, endless, csv=True)


if __name__ == "__main__":
    careless = "--careless" in sys.argv
    main(Path(sys.argv[1]), [name for name in sys.argv[2:] if name != "--careless"], careless)
