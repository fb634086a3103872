"""docs/security.md: every item of the list is answered, and every proof it names exists."""

import re
from pathlib import Path

import pytest

from tests.architecture.packages import ROOT, functions

ITEMS = [
    *(f"AC{number:02}" for number in range(1, 10)),
    *(f"AU{number:02}" for number in range(1, 10)),
    *(f"SE{number:02}" for number in range(1, 6)),
    *(f"IN{number:02}" for number in range(1, 7)),
    *(f"WB{number:02}" for number in range(1, 5)),
    *(f"CR{number:02}" for number in range(1, 4)),
    *(f"LG{number:02}" for number in range(1, 6)),
    *(f"CF{number:02}" for number in range(1, 3)),
    "RL03",
]
LINE = re.compile(r"^\| ([A-Z]{2}\d{2}) .*\| ([^|]+) \|$", re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_item_has_its_line_and_a_proof() -> None:
    lines = dict(LINE.findall(PAGE))
    assert list(lines) == ITEMS
    assert [item for item, proof in lines.items() if not PROOF.search(proof)] == []


@pytest.mark.parametrize("file", sorted({file for file, _ in PROOF.findall(PAGE)}))
def test_the_proofs_exist(file: str) -> None:
    named = {test for where, test in PROOF.findall(PAGE) if where == file}
    path = Path(ROOT / file)
    assert path.is_file()
    assert named - {node.name for node in functions(path)} == set()


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([\w./-]+\.md)\)", PAGE)
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []
