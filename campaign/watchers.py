"""What the software sees by itself: each app says how for the watches it knows.

A watcher gets a task and answers whose task is done: numbers of units for a task of the
units, of people for a task of a group, and for the office any number at all.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from campaign.models import StageTask

Watcher = Callable[["StageTask"], Collection[int]]
_watchers: dict[str, Watcher] = {}


def watch_with(watch: str, watcher: Watcher) -> None:
    """Said once by each app when it starts."""
    _watchers[watch] = watcher


def seen(task: "StageTask") -> Collection[int]:
    """Whose task is done as far as can be seen; nobody's if nothing watches it."""
    watcher = _watchers.get(task.watch)
    return watcher(task) if watcher else ()


def watched() -> frozenset[str]:
    """What is watched by some app."""
    return frozenset(_watchers)
