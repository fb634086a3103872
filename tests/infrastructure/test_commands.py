"""The Makefile's targets and the command of continuous integration."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = [
    *("prepare", "run", "test", "check", "lint", "bench", "demo", "faults", "screenshots"),
    *("requirements", "help"),
]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell, also when these tests themselves run under make."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=own, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("target", TARGETS)
def test_target_exists(target: str) -> None:
    done = make("--dry-run", target)
    assert done.returncode == 0, done.stderr


def test_help_is_the_default_and_lists_every_target() -> None:
    listed = [line.split()[0] for line in make().stdout.splitlines()]
    assert sorted(listed) == sorted(TARGETS)


def test_continuous_integration_runs_check_and_lets_nothing_be_missing() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "export CI=true" in script.read_text()
    assert "make check" in script.read_text()
