"""The folder of temporary files, which hold names and telephones while a table is written.

``serve`` gives it to its parts as TMPDIR. Most of the files have no name and end with their
process; those of half-written workbooks and of long uploads have one, and outlive a kill.
"""

import fcntl
import shutil
import time
from pathlib import Path
from typing import TextIO

from django.conf import settings

KEPT_SECONDS = 24 * 3600  # longer than anything is written


def folder() -> Path:
    return Path(settings.VAR_DIR / "tmp")


def hold() -> TextIO:
    """Take the folder, and empty it where nobody else has it; held until it is closed.

    Whoever gets the open file by inheritance holds the folder as well, so that a worker that
    outlives what started it keeps its files.
    """
    lock = (settings.VAR_DIR / "tmp.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass  # somebody is writing: what is left over goes by the clock
    else:
        for left in folder().iterdir():
            _delete(left)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def sweep(older_than: float = KEPT_SECONDS) -> int:
    """Delete what nobody has written to for so many seconds; how many files and folders."""
    before = time.time() - older_than
    if not folder().is_dir():
        return 0
    old = [each for each in folder().iterdir() if _written_at(each) < before]
    for each in old:
        _delete(each)
    return len(old)


def _written_at(path: Path) -> float:
    """The last writing of a file, or of anything in a folder; what has just gone is new."""
    try:
        return max(each.lstat().st_mtime for each in (path, *path.rglob("*")))
    except FileNotFoundError:
        return time.time()


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
