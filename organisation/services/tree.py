"""Putting a node into its tree."""

from typing import TypeVar

from core import audit
from organisation.models import Area, Unit

Node = TypeVar("Node", Area, Unit)


@audit.atomic
def place(node: Node) -> Node:
    """Save a new node under its parent and set its path."""
    node.save()
    above = node.parent.path if node.parent else "/"
    node.path = f"{above}{node.pk}/"
    node.save(update_fields=["path"])
    return node
