"""Steps of config/bootstrap.py that can be tried without a network."""

import importlib.util
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    """The script as a module; it is not one of the package's own imports."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "config" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_work_is_done_once_for_the_same_inputs(bootstrap: ModuleType, tmp_path: Path) -> None:
    done: list[str] = []
    for key in ["a", "a", "b", "b", "a"]:
        bootstrap.once(tmp_path / "made" / "stamp", key, lambda: done.append("work"))
    assert len(done) == 3


def test_failed_work_leaves_no_stamp(bootstrap: ModuleType, tmp_path: Path) -> None:
    def fail() -> None:
        raise bootstrap.StepError("no network")

    with pytest.raises(bootstrap.StepError):
        bootstrap.once(tmp_path / "stamp", "key", fail)
    assert not (tmp_path / "stamp").exists()


def test_failed_command_shows_the_end_of_its_output(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.StepError, match="exit 3"):
        bootstrap.run(["sh", "-c", "echo because; exit 3"])


def test_installer_is_taken_from_the_list_with_its_hashes(bootstrap: ModuleType) -> None:
    lines = bootstrap.pinned_lines("uv").splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all("--hash=sha256:" in line for line in lines[1:])


def test_unknown_icon_is_named(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.StepError, match="no-such-icon"):
        bootstrap.icon_symbol("no-such-icon")


def test_sprite_holds_every_listed_icon(bootstrap: ModuleType) -> None:
    symbols = ET.parse(bootstrap.VENDOR / "icons.svg").getroot().findall(f"{SVG}symbol")
    assert [symbol.get("id") for symbol in symbols] == bootstrap.icon_names()
    for symbol in symbols:
        assert symbol.get("viewBox") == "0 0 24 24"
        assert symbol.get("stroke") == "currentColor"
        assert len(symbol) > 0


def test_served_files_are_there_and_name_no_source_map(bootstrap: ModuleType) -> None:
    for name in bootstrap.VENDOR_FILES:
        text = (bootstrap.VENDOR / name).read_text()
        assert len(text) > 10_000
        assert "sourceMappingURL" not in text


def test_package_without_apt_is_only_named(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "missing_packages", lambda for_tests: ["fonts-noto-cjk"])
    monkeypatch.setattr(bootstrap, "root_prefix", lambda: None)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    bootstrap.install_system_packages(for_tests=False)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1
    assert "apt-get install -y --no-install-recommends fonts-noto-cjk" in printed[0]


def test_data_folder_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, ROOT / "config" / "bootstrap.py"],
        env=os.environ | {"BIANFANG_VAR": str(tmp_path / "file" / "x")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("Stopped 已停止: BIANFANG_VAR must be a folder")
