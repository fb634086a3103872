"""The lists of packages: everything pinned, hashed, explained, and without addresses."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED_LISTS = ["requirements.txt", "config/nodejs.txt"]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def pins(name: str) -> dict[str, str]:
    """Package to the block of lines that pins it."""
    blocks = re.split(r"^(?=[a-z0-9])", read(name), flags=re.MULTILINE)[1:]
    return {block.partition("==")[0].strip(): block for block in blocks}


def wanted() -> list[str]:
    lines = [line for line in read("requirements.in").splitlines() if line[:1].isalnum()]
    return [re.match(r"[\w-]+", line).group() for line in lines]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", PINNED_LISTS)
def test_every_python_package_is_pinned_with_hashes(name: str) -> None:
    loose = [package for package, block in pins(name).items() if "--hash=sha256:" not in block]
    assert pins(name)
    assert loose == []


@pytest.mark.parametrize("name", PINNED_LISTS)
def test_python_lists_hold_no_address_and_no_path(name: str) -> None:
    assert re.findall(r"https?:|file:|--index|--find-links|\s/\w+/.*", read(name)) == []


def test_every_wanted_package_is_pinned_and_explained() -> None:
    lines = [line for line in read("requirements.in").splitlines() if line[:1].isalnum()]
    assert [line for line in lines if " # " not in line] == []
    assert [package for package in wanted() if package not in pins("requirements.txt")] == []


def test_front_end_lock_holds_hashes_and_no_download_address() -> None:
    packages = json.loads(read("package-lock.json"))["packages"]
    packages.pop("")
    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert [name for name, facts in packages.items() if "integrity" not in facts] == []


def test_front_end_versions_are_exact() -> None:
    listed = json.loads(read("package.json"))
    versions = listed["dependencies"] | listed["devDependencies"]
    assert [v for v in versions.values() if not re.fullmatch(r"\d+\.\d+\.\d+", v)] == []
    assert versions["htmx.org"].startswith("2.")
    assert "scripts" not in listed
