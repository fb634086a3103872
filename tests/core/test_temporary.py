"""Names and telephones that a killed process leaves in temporary files are deleted."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import temporary
from core.exports.marked import MarkedCopy
from core.management.commands import serve
from core.tasks import sweep_temporary

ROOT = Path(__file__).resolve().parents[2]
NAME = "欧阳某某"
BEGIN = f"""
import io, time
NAME = {NAME!r}
"""
MARK = """
from core.exports.marked import MarkedCopy
from core.sheets.values import Line
from core.workbook import Read, Row
with MarkedCopy(io.BytesIO(), 2) as marked:
    for number in range(2, 2000):
        cells = [NAME, "13800000000"]
        row = Row(number, {"户主姓名": NAME})
        marked.line(Read("册", Line(number, cells), row, {0: "户主姓名"}), [], [])
    print("writing", flush=True)
    time.sleep(600)
"""
EXPORT = """
from openpyxl import Workbook
book = Workbook(write_only=True)
sheet = book.create_sheet()
for number in range(2000):
    sheet.append([NAME, "13800000000"])
print("writing", flush=True)
time.sleep(600)
"""
UPLOAD = """
from django.conf import settings
settings.configure()
from django.core.files.uploadedfile import TemporaryUploadedFile
file = TemporaryUploadedFile("register.csv", "text/csv", 0, None)
file.write(NAME.encode() * 9_000)
file.flush()
print("writing", flush=True)
time.sleep(600)
"""
WRITERS = {"marked copy": MARK, "export": EXPORT, "upload": UPLOAD}


@pytest.fixture
def var(tmp_path: Path, settings) -> Path:
    settings.VAR_DIR = tmp_path
    serve._make_folders()
    return tmp_path


def killed(var: Path, code: str) -> None:
    """Run the code as a part of the product would, and kill it in the middle."""
    (child,) = (each for each in serve._children("127.0.0.1", 0, ()) if each.name == "worker")
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN + code],
        cwd=ROOT,
        env=os.environ | dict(child.environment) | {"HOME": str(var / "home")},
        stdout=subprocess.PIPE,
        text=True,
    ) as writing:
        assert writing.stdout is not None
        assert writing.stdout.readline() == "writing\n"
        os.kill(writing.pid, signal.SIGKILL)


def left(var: Path) -> list[Path]:
    """Files in which the name can be read."""
    files = (each for each in var.rglob("*") if each.is_file())
    return [each for each in files if NAME.encode() in each.read_bytes()]


def grow_old(var: Path, seconds: float) -> None:
    for each in (var / "tmp").rglob("*"):
        then = each.stat().st_mtime - seconds
        os.utime(each, (then, then))


@pytest.mark.parametrize("writer", WRITERS)
def test_what_a_kill_leaves_is_gone_after_the_next_start(var: Path, writer: str) -> None:
    killed(var, WRITERS[writer])
    assert [each.relative_to(var).parts[0] for each in left(var)] == ["tmp"], "or it proves nothing"
    with temporary.hold():
        assert list((var / "tmp").iterdir()) == []


@pytest.fixture
def half_written(var: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=var / "tmp") as folder:
        file = Path(folder) / "rows"
        file.write_text(NAME)
        yield file


def test_what_is_a_day_old_goes_by_the_clock(var: Path, half_written: Path) -> None:
    grow_old(var, temporary.KEPT_SECONDS - 60)
    sweep_temporary()
    assert left(var) == [half_written]
    grow_old(var, 120)
    sweep_temporary()
    assert list((var / "tmp").iterdir()) == []


def test_an_old_folder_that_is_written_to_stays(var: Path, half_written: Path) -> None:
    grow_old(var, 2 * temporary.KEPT_SECONDS)
    half_written.write_text(f"{NAME}, and more")
    assert (temporary.sweep(), left(var)) == (0, [half_written])


def test_nothing_to_sweep_is_no_fault(tmp_path: Path, settings) -> None:
    settings.VAR_DIR = tmp_path
    assert temporary.sweep() == 0


def test_a_start_beside_others_takes_nothing_from_them(var: Path, half_written: Path) -> None:
    with temporary.hold():
        half_written.parent.mkdir()
        half_written.write_text(NAME)
        with temporary.hold():
            assert left(var) == [half_written]
    with temporary.hold():
        assert left(var) == []


def test_a_worker_that_outlives_its_starter_keeps_its_files(var: Path, half_written: Path) -> None:
    with temporary.hold() as files:
        half_written.parent.mkdir()
        half_written.write_text(NAME)
        with subprocess.Popen(["sleep", "60"], pass_fds=(files.fileno(),)) as worker:
            files.close()
            with temporary.hold():
                assert left(var) == [half_written]
            worker.kill()


def test_the_parts_hold_the_folder() -> None:
    for child in serve._children("127.0.0.1", 0, (7,)):
        assert child.held == (7,)
        assert child.environment["TMPDIR"] == str(temporary.folder())


def test_a_copy_that_ends_leaves_nothing(var: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(var / "tmp"))
    with (tmp_path / "copy.xlsx").open("wb") as target, MarkedCopy(target, 1):
        assert list((var / "tmp").iterdir())
    assert list((var / "tmp").iterdir()) == []
