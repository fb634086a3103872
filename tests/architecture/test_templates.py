"""Templates: they compile, lean only on what exists, and hold nothing the browser refuses."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from tests.architecture.packages import ROOT, TEMPLATES, label, sources

COMMENTS = re.compile(r"{%\s*comment.*?{%\s*endcomment\s*%}|{#.*?#}|<!--.*?-->", re.DOTALL)
NEEDED = re.compile(r"{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']")
ICON = re.compile(r"{%\s*icon\s+[\"']([\w-]+)[\"']|\bicon=[\"']([\w-]+)[\"']")
STATIC = re.compile(r"{%\s*static\s+[\"']([^\"']+)[\"']")
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=|\shx-on\b|javascript:",
    re.IGNORECASE,
)
FOREIGN = re.compile(r"(?:src|href|action|url)\s*[=(]\s*[\"']?(?:https?:)?//", re.IGNORECASE)

pages = sorted(TEMPLATES.rglob("*.html"))
on_screen = [path for path in pages if "exports" not in path.relative_to(TEMPLATES).parts]


def text_of(path: Path) -> str:
    return COMMENTS.sub("", path.read_text(encoding="utf-8"))


def found(pattern: re.Pattern[str], paths: list[Path]) -> dict[str, list[str]]:
    """What the pattern matches, by file; files without a match are left out."""
    matches = {label(path): pattern.findall(text_of(path)) for path in paths}
    return {name: hits for name, hits in matches.items() if hits}


@pytest.mark.parametrize("path", pages, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_compiles(path: Path) -> None:
    get_template(str(path.relative_to(TEMPLATES)))


def test_what_templates_include_exists() -> None:
    needed = {name for names in found(NEEDED, pages).values() for name in names}
    missing = {name for name in needed if not (TEMPLATES / name).is_file()}
    assert missing == {"django/forms/widgets/attrs.html"}  # Django's own


def test_own_static_files_exist() -> None:
    """Those of vendor/ are made by the preparation and checked there."""
    needed = {name for names in found(STATIC, pages).values() for name in names}
    own = {name for name in needed if not name.startswith("vendor/")}
    assert {name for name in own if not (ROOT / "static" / name).is_file()} == set()


def test_nothing_stands_inline() -> None:
    """The policy of the pages forbids it: the browser would silently leave it out."""
    assert found(INLINE, on_screen) == {}


def test_nothing_inline_comes_from_python() -> None:
    html = re.compile(r"[\"'<]\s?(?:style|on(?:click|change|submit|load))=", re.IGNORECASE)
    assert [label(path) for path in sources() if html.search(path.read_text())] == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    """Promise P8: it runs behind the wall."""
    assert found(FOREIGN, pages) == {}


def test_every_icon_is_in_the_sprite() -> None:
    listed = (ROOT / "static" / "icons.txt").read_text().split("\n")
    known = {line.split("#")[0].strip() for line in listed}
    used = {a or b for hits in found(ICON, pages).values() for a, b in hits}
    assert used - known == set()


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        '<p style="color:red">',
        "<style>p{}</style>",
        '<a onclick="go()">',
        '<a href="javascript:go()">',
    ],
)
def test_the_check_sees_what_it_looks_for(bad: str) -> None:
    assert INLINE.search(bad)


def test_every_template_is_reached() -> None:
    """From a view, a form, a writer or another template; a forgotten one only misleads."""
    places = [path.read_text() for path in (*sources(), *pages)]
    forgotten = {
        name
        for name in (str(path.relative_to(TEMPLATES)) for path in pages)
        if not any(name in place for place in places)
    }
    assert forgotten == {f"core/{status}.html" for status in (400, 403, 404, 500)}
