"""What is checked and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from issues.concreteness.rulebook import NAMES, OF_A_PLAN


@dataclass(frozen=True)
class Text:
    """The fields of a problem item that must be concrete, and its title."""

    title: str = ""
    happened_on: date | None = None
    place: str = ""
    event: str = ""
    cause: str = ""
    root_cause: str = ""
    direction: str = ""
    measures: str = ""
    due_on: date | None = None

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Text":
        """From a mapping that may hold more than these, or less."""
        own = {each.name for each in fields(cls)}
        return cls(**{k: v for k, v in values.items() if k in own and v is not None})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Span:
    """The days of the campaign, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Finding:
    """One thing to say to the writer: at which field, about which of its words."""

    field: str
    words: str
    say: str
    refuses: bool = False
    is_gap: bool = False  # nothing stands there at all

    @property
    def label(self) -> str:
        return NAMES.get(self.field) or OF_A_PLAN[self.field]
