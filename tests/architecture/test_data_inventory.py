"""docs/data-inventory.md names every field once, with what it is for."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from core.fields import EncryptedField
from tests.architecture.packages import ROOT
from tests.architecture.test_models import our_models

CLASSES = {"公开", "内部", "个人", "敏感"}
BASES = {"职责", "告知", "安全", "系统"}
SECTION = re.compile(r"^## (\w+\.\w+) (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """One row of the inventory."""

    model: str
    fields: tuple[str, ...]
    kind: str
    purpose: str
    basis: str
    retention: str


def lines() -> Iterator[Line]:
    text = (ROOT / "docs" / "data-inventory.md").read_text(encoding="utf-8")
    _, *parts = SECTION.split(text)
    for model, body in zip(parts[::3], parts[2::3], strict=True):
        for row in body.splitlines():
            if row.startswith("| `"):
                fields, *values = (cell.strip() for cell in row.strip("|").split("|"))
                yield Line(model, tuple(re.findall(r"`(\w+)`", fields)), *values)


def own_fields(model: type[models.Model]) -> list[models.Field]:
    return [*model._meta.fields, *model._meta.many_to_many]


def test_every_field_is_named_once() -> None:
    named = Counter(f"{line.model}.{field}" for line in lines() for field in line.fields)
    held = Counter(
        f"{model._meta.label}.{field.name}" for model in our_models() for field in own_fields(model)
    )
    assert {
        "missing": sorted(held - named),
        "too much": sorted(named - held),
    } == {"missing": [], "too much": []}


def test_every_line_has_its_class_purpose_basis_and_retention() -> None:
    bad = [
        line
        for line in lines()
        if line.kind not in CLASSES
        or line.basis not in BASES
        or not line.purpose
        or not line.retention
    ]
    assert bad == []


def test_what_is_encrypted_is_called_sensitive() -> None:
    kinds = {f"{line.model}.{field}": line.kind for line in lines() for field in line.fields}
    encrypted = {
        f"{model._meta.label}.{field.name}": kinds[f"{model._meta.label}.{field.name}"]
        for model in our_models()
        for field in own_fields(model)
        if isinstance(field, EncryptedField)
    }
    assert set(encrypted.values()) == {"敏感"}


def test_the_headings_are_the_names_that_people_see() -> None:
    text = (ROOT / "docs" / "data-inventory.md").read_text(encoding="utf-8")
    names = {model._meta.label: model._meta.verbose_name for model in our_models()}
    assert dict(SECTION.findall(text)) == names
