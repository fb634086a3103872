"""What the sources may hold where; read as text, so that nothing can hide in a function."""

import ast
import importlib
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.packages import (
    ORDER,
    ROOT,
    calls,
    functions,
    label,
    layer,
    module_name,
    sources,
    tree,
)

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
DOORS = {"views", "forms", "filters", "tasks", "templatetags", "context"}
INNER = {"services", "queries", "rules", "models", "choices", "workflow", "scoring", "coverage"}
WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "select_for_update",
}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib"}
METHOD_DECORATORS = {"require_safe", "require_GET", "require_POST", "require_http_methods"}


def inside(path: Path, layers: set[str]) -> bool:
    return path.relative_to(ROOT).parts[0] != "config" and layer(path) in layers


def test_no_file_is_too_long() -> None:
    lengths = {label(path): len(path.read_text().splitlines()) for path in sources()}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    long = [
        label(path, node.lineno)
        for path in sources()
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_there_is_no_drawer() -> None:
    """A module called utils says only that nobody knew where its functions belong."""
    assert [label(path) for path in sources() if DRAWERS & {path.stem, path.parent.name}] == []


def test_doors_write_nothing() -> None:
    """Views, forms and tasks ask a service; what a service does is audited and atomic."""
    writes = [
        label(path, call.lineno)
        for path in sources()
        if inside(path, DOORS)
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES
    ]
    assert writes == []


def imported(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            names.append(f"{node.module}.")
            names += [f"{node.module}.{alias.name}." for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [f"{alias.name}." for alias in node.names]
    return names


def test_inner_layers_know_no_web() -> None:
    web = ("django.http.", "django.shortcuts.", "django.views.", "django.contrib.messages.")
    found = [
        label(path)
        for path in sources()
        if inside(path, INNER)
        if any(name.startswith(web) for name in imported(path))
    ]
    assert found == []


def url_patterns() -> list[URLPattern]:
    found: list[URLPattern] = []
    waiting: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, URLResolver):
            waiting += entry.url_patterns
        else:
            found.append(entry)
    return found


def decorators(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    names = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return {name.id for name in names if isinstance(name, ast.Name)}


def test_every_view_says_which_methods_it_takes() -> None:
    silent = set()
    for pattern in url_patterns():
        view = pattern.callback
        path = Path(importlib.import_module(view.__module__).__file__ or "")
        (node,) = [node for node in functions(path) if node.name == view.__name__]
        if not METHOD_DECORATORS & decorators(node):
            silent.add(f"{view.__module__}.{view.__name__}")
    assert silent == set()


def test_no_address_is_given_twice() -> None:
    names = [pattern.name for pattern in url_patterns()]
    keys = [(pattern.lookup_str, str(pattern.pattern), pattern.name) for pattern in url_patterns()]
    assert None not in names
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []


PUBLIC_VIEWS = {
    "core.views.health",
    "organisation.views.sign_in.sign_in",
    "organisation.views.sign_in.sign_in_code",
    "visits.views.answers.answer",
    "visits.views.answers.thanks",
} | {f"evaluations.views.rating.{name}" for name in ("rate", "ballot", "thanks")}


def test_public_views_are_these_and_no_others() -> None:
    """Login is asked of every page; each exception is written down here as well."""
    public = {
        pattern.lookup_str
        for pattern in url_patterns()
        if not getattr(pattern.callback, "login_required", True)
    }
    assert public == PUBLIC_VIEWS


@pytest.mark.parametrize("package", ORDER)
def test_every_module_begins_with_what_it_is_for(package: str) -> None:
    silent = [
        module_name(path)
        for path in sources()
        if path.is_relative_to(ROOT / package)
        and path.stem not in {"__init__", "apps", "formats"}
        and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_every_view_names_its_permission() -> None:
    silent = {p.lookup_str for p in url_patterns() if not hasattr(p.callback, "permission")}
    assert silent == set()
