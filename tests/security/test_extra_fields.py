"""A form writes the fields it shows and no others, whatever else is posted (AC05)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django import forms
from django.db import models
from django.http import HttpResponse

from issues.models import Issue
from tests.architecture.objects import Arguments
from tests.personas import World
from tests.security.attack import Rows, all_rows, our_models, undone
from tests.security.examples import EXAMPLES, Post, posting_routes, posts

ALIEN = "INJECTED"
LONG_AGO = "2001-01-01"
# What a request could be asked to write besides the columns of the models.
MORE = {
    "id": "77", "pk": "77", "status": "closed", "signer": "3", "owner": "3", "role": "office",
    "password": ALIEN, "is_staff": "1", "is_superuser": "1", "actor": "3", "user": "3",
    "next_state": "closed", "_save": "1", "groups": "1", "user_permissions": "1",
}  # fmt: skip
# Whose rows say that a request was made, and not what it wrote.
TRACES = {"organisation.Session", "core.AuditHead"}


def extra_fields() -> dict[str, str]:
    """Every column of the product by its name, with a valid value that is not the present one."""
    found = dict(MORE)
    for model in our_models():
        for column in model._meta.concrete_fields:
            found[column.name] = found[column.attname] = _other(column)
    return found


# In this order: a column of choices is a text as well, a time a day.
OTHER: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.BooleanField, "on"),
    (models.DateTimeField, f"{LONG_AGO}T00:00"),
    (models.DateField, LONG_AGO),
    (models.IntegerField, "77"),
    (models.UUIDField, "00000000-0000-4000-8000-000000000000"),
)


def _other(column: Any) -> str:
    if isinstance(column, models.ForeignKey):
        last = column.related_model._base_manager.order_by("-pk").first()
        return str(last.pk) if last else "1"
    if column.choices:
        return str(list(column.choices)[-1][0])
    return next((value for kind, value in OTHER if isinstance(column, kind)), ALIEN)


@contextmanager
def fields_of_forms() -> Iterator[set[str]]:
    """The names that the forms used meanwhile show to whoever fills them in."""
    found: set[str] = set()
    plain = forms.BaseForm.full_clean

    def noted(form: forms.BaseForm) -> None:
        found.update(form.add_prefix(name) for name in form.fields)
        plain(form)

    with mock.patch.object(forms.BaseForm, "full_clean", noted):
        yield found


def written(act: Callable[[], HttpResponse | None], before: Rows) -> tuple[Rows, set[str]]:
    """The rows that are new or other after the act, and the fields of its forms."""
    with undone(), fields_of_forms() as names:
        response = act()
        assert response is None or response.status_code < 400, response.content.decode()[:2000]
        after = all_rows(*TRACES)
    fresh = {
        label: {key: row for key, row in found.items() if before[label].get(key) != row}
        for label, found in after.items()
    }
    gone = {
        label: {key: {} for key in found if key not in after[label]}
        for label, found in before.items()
    }
    return {label: fresh[label] | gone[label] for label in after}, names


def without_keys(rows: Rows, before: Rows) -> dict[str, list[dict[str, str]]]:
    """The same with new keys told by their order: they differ from one act to the next."""
    names = {
        f"{label}:{key}": f"{label}:new{number}"
        for label, found in rows.items()
        for number, key in enumerate(key for key in found if key not in before[label])
    }
    by_table = {model._meta.label: model for model in our_models()}
    return {
        label: [_named(by_table[label], row, names) for row in found.values()]
        for label, found in rows.items()
        if found
    }


def _named(model: type[models.Model], row: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    found = {}
    for column in model._meta.concrete_fields:
        if column.attname in row:
            target = column.related_model or (model if column.primary_key else None)
            value = str(row[column.attname])
            key = f"{target._meta.label}:{value}" if target else value
            found[column.name] = names.get(key, value)
    return found


def changes_by(
    plain: Callable[[], HttpResponse | None],
    attack: Callable[[dict[str, str]], HttpResponse | None],
    known: set[str],
    before: Rows,
) -> dict[str, set[str]]:
    """Which columns of which tables an act with extra fields writes otherwise than without.

    Twice without: what differs between those two differs by nature, as times do.
    """
    first, names = written(plain, before)
    second, _ = written(plain, before)
    extra = {name: value for name, value in extra_fields().items() if name not in names | known}
    third, _ = written(lambda: attack(extra), before)
    one, two, attacked = (without_keys(rows, before) for rows in (first, second, third))
    found: dict[str, set[str]] = {}
    for label in one.keys() | attacked.keys():
        if len(one.get(label, [])) != len(attacked.get(label, [])):
            found[label] = {"the number of rows"}
            continue
        for a, b, c in zip(one[label], two[label], attacked[label], strict=True):
            for name in a:
                by_nature = a[name] != b.get(name)
                if c[name] != a[name] and (not by_nature or _is_ours(c[name])):
                    found.setdefault(label, set()).add(name)
    return found


def _is_ours(value: str) -> bool:
    return bool(re.search(f"{ALIEN}|{LONG_AGO}", value))


@pytest.fixture
def examples(world: World, objects: Arguments) -> list[Post]:
    return posts(world, objects)


def test_every_address_that_takes_a_post_has_an_example() -> None:
    assert posting_routes() - set(EXAMPLES) == set()


def test_examples_are_valid_and_most_write(examples: list[Post]) -> None:
    silent, before = set(), all_rows(*TRACES)
    for post in examples:
        rows, _ = written(post.send, before)
        if not any(rows.values()):
            silent.add(post.route)
    assert silent <= {
        "evaluations:rate",  # shows the ballot
        "visits:target-search",
        "visits:visit-search",
        "visits:entry-search",
        "visits:left-search",
        "issues:issue-search",
        "organisation:person-search",
        "organisation:unit-search",
        "organisation:audit-search",
        "organisation:authenticator",  # keeps the new secret in the session
    }


def test_extra_fields_are_written_nowhere(examples: list[Post]) -> None:
    found, before = {}, all_rows(*TRACES)
    for post in examples:
        known = {*post.example.data, *post.example.files}
        changes = changes_by(post.send, lambda extra, post=post: post.send(**extra), known, before)
        if changes:
            found[post.route] = changes
    assert found == {}


def test_a_handler_that_takes_every_field_is_found(world: World) -> None:
    """The same comparison with a handler of the kind that nobody here writes."""
    issue = world.issue()
    columns = ("title", "unit", "author", "version", "measures")

    def save(posted: dict[str, str]) -> None:
        form = forms.modelform_factory(Issue, fields=columns)(posted)
        values = {name: form.fields[name].clean(posted[name]) for name in columns if name in posted}
        Issue.objects.filter(pk=issue.pk).update(**values)

    found = changes_by(
        lambda: save({"title": "新标题"}),
        lambda extra: save({"title": "新标题"} | extra),
        {"title"},
        all_rows(*TRACES),
    )
    assert found == {"issues.Issue": {"unit", "author", "version", "measures"}}
