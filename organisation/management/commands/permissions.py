"""Writes docs/permissions.md: who may come to which page, read off the views themselves."""

import inspect
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver

from core.permissions import everyone
from organisation.choices import UNIT_ROLES, Role
from organisation.models import User
from organisation.scope import Held, Scope

PAGE = "docs/permissions.md"
HEAD = """# Who may do what

Written by `manage.py permissions` from the views; a test keeps it true. Each address is open
to whom its permission names; ✓ marks the roles for which the permission holds. It says who
may come to a page at all. Which objects they find there is the scope of their grants
(`visible_to`: what lies outside is 404, as if it did not exist), and what they may do with
one is the rule of its app (`rules.py`: 403 with the reason). Every status by person, address
and method stands in `tests/architecture/routes.py`.

Rights are grants: role × subtree of units or areas × from-to × granted by. There is no
superuser. The three administrators exclude one another and every other role.
"""


class Command(BaseCommand):
    help = "按代码生成权限表 docs/permissions.md；--check 只检查是否一致。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查，不写入")

    def handle(self, **options: object) -> None:
        path = settings.BASE_DIR / PAGE
        text = permissions_page()
        if options["check"]:
            if path.read_text(encoding="utf-8") != text:
                raise SystemExit(f"{PAGE} 与代码不一致，请运行 manage.py permissions")
        else:
            path.write_text(text, encoding="utf-8")


def permissions_page() -> str:
    """The whole page as Markdown."""
    roles = " | ".join(role.label for role in Role)
    lines = [
        HEAD,
        f"| address | methods | what | permission | {roles} |",
        f"|---|---|---|---|{'---|' * len(Role)}",
        *(_line(pattern, prefix) for pattern, prefix in _patterns()),
    ]
    return "\n".join(lines) + "\n"


def _patterns() -> Iterator[tuple[URLPattern, str]]:
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver):
            yield from _below(resolver, str(resolver.pattern))


def _below(resolver: URLResolver, prefix: str) -> Iterator[tuple[URLPattern, str]]:
    """Every address under it, however deep an app's routes are nested."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _below(entry, f"{prefix}{entry.pattern}")
        else:
            yield entry, prefix


def _line(pattern: URLPattern, prefix: str) -> str:
    view: Any = pattern.callback
    rule = view.permission
    marks = ["✓" if rule is everyone or rule(_holder(role)) else "" for role in Role]
    cells = [
        f"`/{prefix}{pattern.pattern}`",
        " ".join(_methods(view)),
        (inspect.getdoc(view) or "").split("\n")[0],
        inspect.getdoc(rule) or "",
        *marks,
    ]
    return f"| {' | '.join(cells)} |"


def _holder(role: Role) -> User:
    """Somebody with this role alone, over everything."""
    held = Held(role, "/1/", "") if role in UNIT_ROLES else Held(role, "", "/1/")
    person = User()
    person._scope = Scope(0, (held,))  # type: ignore[attr-defined]
    return person


def _methods(view: Any) -> list[str]:
    taken = inspect.getclosurevars(view).nonlocals["request_method_list"]
    return [method for method in taken if method != "HEAD"]
