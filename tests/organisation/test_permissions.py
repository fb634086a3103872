"""The page of permissions says what the views ask for."""

import inspect

from django.conf import settings
from django.test import override_settings

from organisation.choices import Role
from organisation.management.commands.permissions import PAGE, _holder, permissions_page
from tests.architecture.routes import rows
from tests.architecture.test_code import url_patterns

COLUMN = {
    "cadre": Role.CADRE,
    "liaison": Role.LIAISON,
    "head": Role.UNIT_HEAD,
    "office": Role.OFFICE,
    "organisation": Role.ORGANISATION,
    "discipline": Role.DISCIPLINE,
    "leader": Role.LEADER,
    "system_admin": Role.SYSTEM_ADMIN,
    "security_admin": Role.SECURITY_ADMIN,
    "audit_admin": Role.AUDIT_ADMIN,
}


def test_the_page_is_up_to_date() -> None:
    """Otherwise: manage.py permissions."""
    assert (settings.BASE_DIR / PAGE).read_text(encoding="utf-8") == permissions_page()


def test_every_address_stands_there() -> None:
    """Also those that an app nests: a page without them would be up to date with itself."""
    lines = [line for line in permissions_page().splitlines() if line.startswith("| `/")]
    assert len(lines) == len(url_patterns())


@override_settings(ROOT_URLCONF="tests.organisation.other_urls")
def test_another_permission_makes_another_page() -> None:
    """Control of the test above."""
    assert (settings.BASE_DIR / PAGE).read_text(encoding="utf-8") != permissions_page()


def test_each_permission_is_said_in_one_line_and_asks_the_grants_alone() -> None:
    """No database here: a rule that read rows would need an object, and belongs to it."""
    for pattern in url_patterns():
        rule = pattern.callback.permission
        assert len((inspect.getdoc(rule) or "").splitlines()) == 1, rule
        assert {type(rule(_holder(role))) for role in Role} == {bool}, rule


def test_whom_the_permission_refuses_is_refused_by_the_address() -> None:
    """The table of statuses and the permissions tell the same."""
    by_name = {
        f"{pattern.lookup_str.partition('.')[0]}:{pattern.name}": pattern.callback.permission
        for pattern in url_patterns()
    }
    wrong = [
        (route, persona)
        for route, _, _, expected in rows()
        for persona, role in COLUMN.items()
        if not by_name[route](_holder(role)) and expected[persona] != 403
    ]
    assert wrong == []
