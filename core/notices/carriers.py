"""What every carrier is given, and how it says that it failed."""

from dataclasses import dataclass


class CannotDeliver(Exception):
    """The message was not taken; the Chinese text says why."""


class Unreachable(CannotDeliver):
    """Nothing answers there, so others need not be tried now."""


@dataclass(frozen=True)
class Text:
    """One message, naming nobody. ``key`` is the same whenever it is sent again."""

    subject: str
    body: str
    key: str
