"""Putting a node into its tree, and a subtree elsewhere."""

from typing import TypeVar

from django.db.models import Value
from django.db.models.functions import Concat, Substr

from core import audit
from organisation.models import Area, Unit

Node = TypeVar("Node", Area, Unit)


@audit.atomic
def place(node: Node) -> Node:
    """Save a new node under its parent and set its path."""
    node.save()
    node.path = f"{_above(node.parent)}{node.pk}/"
    node.save(update_fields=["path"])
    return node


@audit.atomic
def replant(node: Node, parent: Node | None) -> int:
    """Hang the node and all below it under another parent; how many nodes that were.

    One statement rewrites the paths. The caller holds the tree and has ruled out a cycle.
    """
    old, new = node.path, f"{_above(parent)}{node.pk}/"
    rewritten = Concat(Value(new), Substr("path", len(old) + 1))
    moved = type(node).objects.filter(path__under=old).update(path=rewritten)
    type(node).objects.filter(pk=node.pk).update(parent=parent)
    node.path, node.parent = new, parent
    return moved


def hold_tree() -> None:
    """One change of the trees at a time: the rows of the topmost areas stand for them.

    Two moves in different branches could close a circle that neither sees. Empty on SQLite,
    which has one writer anyway.
    """
    tops = Area.objects.filter(parent=None).select_for_update(no_key=True).order_by("pk")
    list(tops.values_list("pk"))


def _above(parent: Area | Unit | None) -> str:
    return parent.path if parent else "/"
