"""What the checks of the architecture share: the packages in their order, and their sources."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORDER = ("core", "organisation", "campaign", "visits", "issues", "evaluations", "reports", "config")
TEMPLATES = ROOT / "templates"


def sources(*, migrations: bool = False) -> list[Path]:
    """Every Python file of the packages."""
    found = [path for package in ORDER for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if migrations or "migrations" not in path.parts]


def layer(path: Path) -> str:
    """The layer of a file: visits/views/visit.py and visits/views.py are both "views"."""
    return path.relative_to(ROOT).with_suffix("").parts[1]


def label(path: Path, line: int = 0) -> str:
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
