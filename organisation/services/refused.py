"""How a service answers what it will not do."""

from collections.abc import Iterable


class Refused(ValueError):
    """A sentence for the person who asked: who or what stands in the way, and what to do.

    Nothing was changed.
    """


def some(names: Iterable[str], most: int = 3, *, counter: str = "个") -> str:
    """A few names, and that there are more: 张三、李四、王五等 7 个."""
    known = list(names)
    shown = "、".join(known[:most])
    return f"{shown}等 {len(known)} {counter}" if len(known) > most else shown
