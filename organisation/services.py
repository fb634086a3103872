"""Writes on the organisation: areas, units, people, postings, grants."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import IO, TypeVar

from django.db import transaction

from core import audit
from organisation.choices import AreaLevel, Role, UnitKind
from organisation.models import Area, Grant, Posting, Unit, User

Node = TypeVar("Node", Area, Unit)
AREA_COLUMNS = ("code", "name", "level", "parent")


class AreaFileError(ValueError):
    """A row of an area file that cannot be taken; the text names row and column."""


@dataclass(frozen=True)
class AreaImport:
    """What an import of areas did."""

    created: int
    renamed: int
    unchanged: int


@transaction.atomic
def import_areas(source: IO[str]) -> AreaImport:
    """Read an area tree (CSV: code,name,level,parent) in any order; all or nothing.

    Safe to repeat: a known code keeps its row and takes the new name. Raises AreaFileError.
    """
    rows = _read_area_rows(source)
    known = {area.code: area for area in Area.objects.all()}
    before = len(known)
    renamed = 0
    for row in sorted(rows, key=lambda row: list(AreaLevel.values).index(row["level"])):
        existing = known.get(row["code"])
        if existing is None:
            known[row["code"]] = _create_area(row, known)
        elif existing.name != row["name"]:
            existing.name = row["name"]
            existing.save(update_fields=["name"])
            renamed += 1
    created = len(known) - before
    return AreaImport(created, renamed, len(rows) - created - renamed)


def _read_area_rows(source: IO[str]) -> list[dict[str, str]]:
    reader = csv.DictReader(source)
    missing = [column for column in AREA_COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise AreaFileError(f"第 1 行缺少列:{'、'.join(missing)}")
    rows = []
    for number, row in enumerate(reader, start=2):
        if not row["code"].isdecimal() or len(row["code"]) not in {12, 15}:
            raise AreaFileError(f"第 {number} 行 code 列:「{row['code']}」不是 12 位或 15 位代码")
        if row["level"] not in AreaLevel.values:
            raise AreaFileError(f"第 {number} 行 level 列:不认识层级「{row['level']}」")
        rows.append(row)
    return rows


def _create_area(row: Mapping[str, str], known: Mapping[str, Area]) -> Area:
    parent = known.get(row["parent"]) if row["parent"] else None
    if row["parent"] and parent is None:
        raise AreaFileError(f"{row['name']}({row['code']})的上级 {row['parent']} 不在文件中")
    return _placed(Area(code=row["code"], name=row["name"], level=row["level"], parent=parent))


def create_unit(*, name: str, kind: UnitKind, area: Area, parent: Unit | None = None) -> Unit:
    """Create a unit under its parent and set its path."""
    return _placed(Unit(name=name, kind=kind, area=area, parent=parent))


@transaction.atomic
def _placed(node: Node) -> Node:
    node.save()
    above = node.parent.path if node.parent else "/"
    node.path = f"{above}{node.pk}/"
    node.save(update_fields=["path"])
    return node


def create_user(*, username: str, name: str, password: str = "", password_hash: str = "") -> User:
    """Create a person who can sign in, with a password or a hash made before."""
    user = User(username=username, name=name, password=password_hash)
    if password:
        user.set_password(password)
    user.save()
    return user


def post(*, user: User, unit: Unit, position: str, since: date) -> Posting:
    """Begin a posting."""
    return Posting.objects.create(user=user, unit=unit, position=position, since=since)


@transaction.atomic
def grant(
    *,
    user: User,
    role: Role,
    since: date,
    unit: Unit | None = None,
    area: Area | None = None,
    granted_by: User | None = None,
) -> Grant:
    """Give a role over a subtree of units or of areas, audited."""
    made = Grant.objects.create(
        user=user, role=role, unit=unit, area=area, since=since, granted_by=granted_by
    )
    audit.record(actor=granted_by, act="organisation.grant", subject=made, role=role, to=user.pk)
    return made
