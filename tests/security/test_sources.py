"""What may not stand in the program at all, and the few places where it may (IN01-IN04, LG04)."""

from __future__ import annotations

import ast
import io
import logging
import logging.config
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.architecture.packages import ROOT, sources
from tests.architecture.test_code import url_patterns

# Raw SQL: what it is for. Each is a constant text, or built of names of our own tables.
RAW_SQL = {
    "core/health.py": "SELECT 1 of the health check, and the size of the database",
    "core/append_only.py": "triggers, by the name of a table of ours",
    "core/bulk.py": "rows inserted at once, by the names of columns of ours",
    "core/rotation.py": "a column of ours, read in batches",
    "campaign/services/open.py": "a lock that Django cannot ask for, on one row by its key",
    "issues/queries/like.py": "limited queries in one, by hashes handed over as parameters",
}
# Text that is not escaped: who makes it.
SAFE_TEXT = {
    "evaluations/exports.py": "the picture of a QR code, drawn by segno out of our own address",
    "core/templatetags/bianfang.py": "an icon by its name, checked against the list of icons",
    "organisation/forms/places.py": "format_html escapes what it is given",
}
SAFE_TEMPLATES: dict[str, str] = {}
RAW_CALLS = {"raw", "extra", "RawSQL", "execute", "executemany", "executescript"}
SAFE_CALLS = {"mark_safe", "SafeString", "SafeText", "format_html", "format_html_join"}
RUNNING_CALLS = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {
    "pickle",
    "cPickle",
    "marshal",
    "shelve",
    "yaml",
    "dill",
    "jsonpickle",
    "telnetlib",
}
SHELL = {"system", "popen"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last part of what is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def users_of(names: set[str]) -> set[str]:
    return {name_of(path) for path in sources() for name, _ in calls(path) if name in names}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_raw_sql_stands_in_few_places_and_takes_no_input() -> None:
    assert users_of(RAW_CALLS) == set(RAW_SQL)


def test_text_is_escaped_but_for_few_places() -> None:
    assert users_of(SAFE_CALLS) == set(SAFE_TEXT)


def test_templates_escape_everything() -> None:
    switched_off = re.compile(
        r"\|\s*safe\b|\|\s*safeseq|autoescape\s+off|\{%\s*include\s+(?!['\"])"
    )
    found = {
        name_of(path)
        for path in (ROOT / "templates").rglob("*.html")
        if switched_off.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(SAFE_TEMPLATES)


def test_nothing_runs_a_text_or_reads_an_object() -> None:
    running = {
        f"{name_of(path)}: {name}"
        for path in sources()
        for name, call in calls(path)
        if (name in RUNNING_CALLS and isinstance(call.func, ast.Name)) or name in SHELL
    }
    unsafe = {
        f"{name_of(path)}: {module}"
        for path in sources()
        for module in imports(path)
        if module.split(".")[0] in UNSAFE_MODULES
    }
    assert (running, unsafe) == (set(), set())


def test_no_program_is_started_through_a_shell() -> None:
    through = {
        name_of(path)
        for path in sources()
        for _, call in calls(path)
        for keyword in call.keywords
        if keyword.arg == "shell"
    }
    assert through == set()


def test_queue_and_sign_ins_hold_json_only() -> None:
    assert settings.CELERY_TASK_SERIALIZER == "json"
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"


### Patterns


def patterns() -> Iterator[tuple[str, str]]:
    """Every pattern that the program gives to ``re``, and every pattern of an address."""
    for path in sources():
        for name, call in calls(path):
            is_re = (
                isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "re"
            )
            if (is_re or name in ("RegexField", "RegexValidator")) and call.args:
                first = call.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield name_of(path), first.value
    for pattern in url_patterns():
        yield "an address", pattern.pattern.regex.pattern


NESTED = re.compile(r"\((?:[^()\\]|\\.)*(?<!\\)[+*](?:[^()\\]|\\.)*\)[+*]")


def test_no_pattern_repeats_a_repetition() -> None:
    """(a+)+ takes for ever on a text that almost fits."""
    every = list(patterns())
    assert [(where, text) for where, text in every if NESTED.search(text)] == []
    assert len(every) > 50


def test_the_search_for_nested_repetitions_finds_one() -> None:
    assert NESTED.search(r"^(\w+\s?)*$")
    assert NESTED.search(r"(a*)*")
    assert not NESTED.search(r"(ab)+")


@pytest.mark.parametrize(
    "text", ["1" * 100_000, "省" * 100_000, "欧阳" * 50_000, "张 " * 50_000, "(" * 100_000]
)
def test_what_people_type_is_read_in_linear_time(text: str) -> None:
    """The patterns that read free text, on texts made to be slow; the suite's time is the limit."""
    from core.masking import mask_address, mask_name, mask_phone
    from core.phones import phone_in
    from evaluations.services import tidy

    for read in (mask_name, mask_phone, tidy, phone_in):
        read(text)
    mask_address(text[:2_000])


### The log

NAMES_OF_DATA = {
    "name", "phone", "username", "password", "email", "address", "title", "content", "heard",
    "note", "text", "code", "secret", "token", "POST", "body", "request", "session", "cookies",
}  # fmt: skip
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def test_no_line_of_the_log_names_a_person() -> None:
    """Lines name keys; what belongs to them is read in the program, by who may."""
    found = set()
    for path in sources():
        for name, call in calls(path):
            owner = getattr(call.func, "value", None)
            if name in LEVELS and getattr(owner, "id", "") in ("logger", "logging", "log"):
                used = {
                    part.attr if isinstance(part, ast.Attribute) else part.id
                    for argument in call.args
                    for part in ast.walk(argument)
                    if isinstance(part, (ast.Attribute, ast.Name))
                }
                if used & NAMES_OF_DATA or any(
                    isinstance(each, ast.JoinedStr) for each in call.args
                ):
                    found.add(f"{name_of(path)}:{call.lineno}")
    assert found == set()


def test_nothing_is_printed_but_by_commands() -> None:
    allowed = ("management/", "config/bootstrap.py", "core/keyring.py")
    found = {path for path in users_of({"print"}) if not any(each in path for each in allowed)}
    assert found == set()


def test_a_text_cannot_write_a_second_line_into_the_log() -> None:
    """As the product's own settings write it, whoever is told about whatever."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter())
    record = logging.makeLogRecord(
        {
            "name": "core",
            "levelname": "INFO",
            "msg": "job %s",
            "args": ("a\n2026-01-01 INFO forged\r\x1b[2J\u2028x",),
        }
    )
    handler.emit(record)
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_what_failed_is_still_written_in_lines() -> None:
    try:
        raise ValueError("a\nb")
    except ValueError:
        record = logging.makeLogRecord({"msg": "it failed", "exc_info": sys.exc_info()})
    lines = _formatter().format(record).splitlines()
    assert len(lines) > 2
    assert all(line.startswith(" ") for line in lines[1:])


def _formatter() -> logging.Formatter:
    configured = dict(settings.LOGGING["formatters"]["plain"])
    return logging.config.DictConfigurator({"version": 1}).configure_formatter(configured)


### The settings (CF01)


def test_the_deployment_check_is_clean(https: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE")  # of the browser's tests
    assert settings.DEBUG is False
    call_command("check", deploy=True, fail_level="WARNING", stdout=io.StringIO())
