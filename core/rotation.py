"""Rewriting encrypted columns: under a new key, in the other suite, or for the first time.

Every encrypted column and every blind index of every model takes part, so a new field needs
no word here. The work goes in batches, each in a transaction of its own; a row that changed
in between is left to its newer value. What was killed goes on where it stopped.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Count, Field, Model, TextField
from django.db.models.functions import Cast, Left

from core import audit, crypto, keyring
from core.fields import BlindIndexField, EncryptedField
from core.keyring import FIELD, KeyringError

BATCH = 500
PREFIX = 12  # "aes.1a2b3c4d": scheme and key id
HOLD_SECONDS = 3600  # longer than any transaction that may still write under a former key
Column = tuple[type[Model], "Field[Any, Any]"]
Rewrite = Callable[[Any, str], str]


def columns(purpose: str) -> list[Column]:
    """Every encrypted column, or every blind index, of every model."""
    wanted = EncryptedField if purpose == FIELD else BlindIndexField
    return [
        (model, field)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if isinstance(field, wanted)
    ]


def rotate(purpose: str) -> dict[str, int]:
    """Make a new current key and rewrite everything under it; how many rows by column.

    A rotation that was broken off is finished, with the key it had made.
    """
    path = Path(settings.FIELD_KEYS_FILE)
    with keyring.locked(path):
        if not crypto.present().of(purpose).is_rotating:
            fresh = crypto.present().of(purpose).with_new_key(int(time.time()))
            keyring.write(path, crypto.present().put(purpose, fresh))
        rewritten = sweep(purpose)
        done = crypto.present().of(purpose).settled()
        keyring.write(path, crypto.present().put(purpose, done))
        _note("core.rotate_keys", purpose, key=done.current, rows=rewritten)
    return rewritten


def retire(purpose: str) -> tuple[list[str], list[str]]:
    """Remove the former keys that no row uses; those removed, and those still kept."""
    path = Path(settings.FIELD_KEYS_FILE)
    with keyring.locked(path):
        if crypto.present().of(purpose).is_rotating:
            raise KeyringError("上一次轮换没有做完。请先不带 --retire 运行一次 rotate_keys")
        sweep(purpose)  # what a slow transaction has written under a former key
        keys = crypto.present().of(purpose)
        young = {n for n, at in keys.replaced.items() if at > time.time() - HOLD_SECONDS}
        kept = {keys.current} | young | used_keys(purpose)
        removed = set(keys.keys) - kept
        keyring.write(path, crypto.present().put(purpose, keys.without(removed)))
        _note("core.retire_keys", purpose, keys=sorted(removed))
    return sorted(removed), sorted((kept & set(keys.keys)) - {keys.current})


def used_keys(purpose: str) -> set[str]:
    """The ids of the keys under which at least one row is written."""
    return {
        prefix.partition(".")[2]
        for model, field in columns(purpose)
        for prefix in prefixes(model, field.name)
    }


def prefixes(model: type[Model], name: str) -> Counter[str]:
    """How many rows of the column begin with each scheme and key id."""
    rows = (
        model._base_manager.annotate(_text=Cast(name, TextField()))
        .exclude(_text="")
        .values(_prefix=Left("_text", PREFIX))
        .annotate(_rows=Count("pk"))
        .order_by()
    )
    return Counter({row["_prefix"]: row["_rows"] for row in rows})


def sweep(purpose: str) -> dict[str, int]:
    """Rewrite what does not stand under the current key and suite; rows by column."""
    make = _encrypted_anew if purpose == FIELD else _indexed_anew
    prefix = crypto.current_prefix(purpose)
    return {
        f"{model._meta.label}.{field.name}": rewrite(
            model, field.name, make(model, field), unless=f"{prefix}."
        )
        for model, field in columns(purpose)
    }


def rewrite(model: type[Model], name: str, change: Rewrite, *, unless: str = "") -> int:
    """Replace each stored text of a column, but those that begin with ``unless``; how many.

    ``change`` takes the primary key and the stored text and gives the new one.
    """
    number = 0
    for rows in _batches(model, name, unless):
        with audit.atomic():
            number += _replace(model, name, [(change(pk, old), pk, old) for pk, old in rows])
    return number


def _encrypted_anew(model: type[Model], field: Any) -> Rewrite:
    return lambda pk, old: crypto.seal(crypto.unseal(old, field.label), field.label)


def _indexed_anew(model: type[Model], field: Any) -> Rewrite:
    def change(pk: Any, old: str) -> str:
        value = model._base_manager.values_list(field.of, flat=True).get(pk=pk)
        return str(field.index_of(value))

    return change


def _batches(model: type[Model], name: str, unless: str) -> Iterator[list[tuple[Any, str]]]:
    rows = (
        model._base_manager.annotate(_text=Cast(name, TextField()))
        .exclude(_text="")
        .order_by("pk")
        .values_list("pk", "_text")
    )
    if unless:
        rows = rows.exclude(_text__startswith=unless)
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH])


def _replace(model: type[Model], name: str, rows: list[tuple[str, Any, str]]) -> int:
    """Write the new texts where the old ones still stand."""
    quoted = connection.ops.quote_name
    field: Any = model._meta.get_field(name)
    primary: Any = model._meta.pk
    table, column, key = (quoted(n) for n in (model._meta.db_table, field.column, primary.column))
    values = [(new, primary.get_db_prep_value(pk, connection), old) for new, pk, old in rows]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s",  # noqa: S608
            values,
        )
        return int(cursor.rowcount)


def _note(act: str, purpose: str, **detail: object) -> None:
    """One audit row for each model that takes part; the row's subject is the table."""
    with audit.atomic():
        for model in dict.fromkeys(model for model, _ in columns(purpose)):
            table = model(pk="")
            audit.record(actor=None, act=act, subject=table, purpose=purpose, **detail)
