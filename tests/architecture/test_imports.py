"""The direction of imports, as pyproject.toml draws it."""

import subprocess
import sys
import tomllib

from tests.architecture.packages import ORDER, ROOT

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


def test_import_contracts_hold() -> None:
    """In a process of its own: the linter reads its configuration from the folder it is in."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_stands_in_the_contract() -> None:
    """A new package beside the others would otherwise import as it likes."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        linter = tomllib.load(file)["tool"]["importlinter"]
    apps = next(contract for contract in linter["contracts"] if contract["id"] == "apps")
    on_disk = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"config"}
    assert tuple(reversed(apps["layers"])) == ORDER
    assert set(linter["root_packages"]) == on_disk == set(ORDER)
