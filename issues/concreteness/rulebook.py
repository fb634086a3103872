"""The rules of ``rules.toml``, read once and made ready."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issues.choices import MILESTONES
from issues.likeness import shingles

RULES: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("rules.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Field:
    """How much one field must show before its stock phrases are forgiven."""

    shortest: int
    details: int
    kinds: tuple[str, ...]
    empty: float
    vague: str
    short: str
    full: float = 1.0
    acts: tuple[str, ...] = ()  # none: any kind will do
    refused_empty: float = 2.0  # never


@dataclass(frozen=True)
class Phrases:
    """Words that say nothing by themselves, and what to answer."""

    fields: frozenset[str]
    pattern: re.Pattern[str]
    say: str


@dataclass(frozen=True)
class Template:
    text: str
    runs: frozenset[str]


def any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in patterns))


def any_word(words: Iterable[str]) -> re.Pattern[str]:
    """The longer word first, so that it is not cut by a shorter one."""
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda each: (-len(each), each)))))


NAMES: dict[str, str] = RULES["names"]
OF_A_PLAN = {
    "at_once": "先改的部分",
    **{f"step{number}_shows": f"第 {number} 个节点" for number in range(1, MILESTONES + 1)},
}
MISSING: dict[str, str] = RULES["missing"]
OUTSIDE: str = RULES["due"]["outside"]
FIELDS = {
    key: Field(**row | {"kinds": tuple(row["kinds"]), "acts": tuple(row.get("acts", ()))})
    for key, row in RULES["field"].items()
}
MILESTONE = Field(**RULES["milestone"] | {"kinds": tuple(RULES["milestone"]["kinds"])})
CLAIMED = tuple(FIELDS)  # the fields whose words are read
PHRASES = tuple(
    Phrases(frozenset(row["fields"]), any_of(row["patterns"]), row["say"])
    for row in RULES["phrases"]
)
DETAILS = {kind: any_of(row["patterns"]) for kind, row in RULES["details"].items()}
NO_DETAIL = any_of(RULES["no_detail"]["patterns"])
EMPTY = any_word(RULES["empty"]["words"])
PLACEHOLDERS = frozenset(RULES["placeholders"]["words"])
PLACES = frozenset(RULES["places"]["words"])
LONG_TERM = any_of(RULES["long_term"]["patterns"])
LONG_TERM_REASON = any_of(RULES["long_term"]["reasons"])
LONG_TERM_FIELDS = frozenset(RULES["long_term"]["fields"])
TEMPLATES = tuple(Template(text, shingles(text)) for text in RULES["templates"]["texts"])
TEMPLATE_SHARE: float = RULES["templates"]["share"]
