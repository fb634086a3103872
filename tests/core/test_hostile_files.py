"""What hostile files cost: each read in a process of its own, with its seconds and its memory."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.core.heavy import HEAVY
from tests.core.hostile import CELLS, READ, REFUSED

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 10
MEGABYTES = 512
ALL = {name: words or "#1" for name, (_, words) in (HEAVY | REFUSED).items()}
ALL |= dict.fromkeys((*CELLS, *READ), "#1")
# The guard of each of these is what keeps it small, or quick.
GUARDED = (
    "directory of a million parts",
    "half a gigabyte of texts",
    "one long text in every cell",
    "zip bomb",
)

Measured = dict[str, dict[str, object]]


def measured(folder: Path, names: Iterable[str], *, careless: bool = False) -> Measured:
    own = {k: v for k, v in os.environ.items() if not k.startswith("BIANFANG_")}
    (folder / "static").mkdir(exist_ok=True)
    flags = ["--careless"] if careless else []
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.measured", str(folder), *flags, *names],
        cwd=ROOT,
        env=own | {"BIANFANG_VAR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: Measured = json.loads(done.stdout)
    return found


def is_modest(took: dict[str, object]) -> bool:
    return took["ended"] == 0 and took["seconds"] <= SECONDS and took["megabytes"] <= MEGABYTES  # type: ignore[operator]


@pytest.fixture(scope="module")
def took(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return measured(tmp_path_factory.mktemp("hostile"), ALL)


@pytest.mark.parametrize("name", ALL)
def test_it_takes_ten_seconds_and_512_megabytes_at_most(took: Measured, name: str) -> None:
    assert is_modest(took[name]), took[name]
    assert ALL[name] in str(took[name]["words"])


def test_no_two_are_the_same() -> None:
    assert len(ALL) == len(HEAVY) + len(REFUSED) + len(CELLS) + len(READ)


def test_without_the_guards_they_take_more(tmp_path: Path) -> None:
    """The control: what is measured can be too much."""
    found = measured(tmp_path, GUARDED, careless=True)
    assert not [name for name in GUARDED if is_modest(found[name])], found
