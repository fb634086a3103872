"""What a text shows: its sentences, its details, how much of it is empty words."""

import re

from issues.concreteness.rulebook import (
    DETAILS,
    EMPTY,
    NO_DETAIL,
    TEMPLATE_SHARE,
    TEMPLATES,
    Template,
)
from issues.likeness import shingles

_SENTENCE = re.compile(r"[^。！？!?；;\n]+")
_SHOWN = 30  # signs of a sentence that are quoted
_NARROW = str.maketrans("０１２３４５６７８９", "0123456789")


def bare(text: str) -> str:
    """Its signs without punctuation, spaces and pictures."""
    return "".join(filter(str.isalnum, text))


def sentences(text: str) -> list[str]:
    return [each.strip() for each in _SENTENCE.findall(text) if bare(each)]


def details(text: str, kinds: tuple[str, ...]) -> frozenset[str]:
    """Which kinds of detail the text shows; what only looks like one is taken out first."""
    plain = re.sub(r"[^\S\n]+", "", text).replace("\n", "。").translate(_NARROW)
    left = NO_DETAIL.sub("〓", plain)
    return frozenset(kind for kind in kinds if DETAILS[kind].search(left))


def emptiness(text: str) -> float:
    """Which share of the signs belongs to words that say nothing: 0 to 1."""
    signs = bare(text)
    if not signs:
        return 0.0
    return sum(len(found.group()) for found in EMPTY.finditer(signs)) / len(signs)


def template_in(text: str) -> Template | None:
    """The template of which most runs of signs stand in the text."""
    runs = shingles(text)
    for template in TEMPLATES:
        if len(template.runs & runs) >= TEMPLATE_SHARE * len(template.runs):
            return template
    return None


def nearest(text: str, template: Template) -> str:
    """The sentence that shares most with the template."""
    return max(sentences(text), key=lambda each: len(shingles(each) & template.runs))


def emptiest(text: str) -> str:
    return max(sentences(text), key=emptiness)


def quoted(sentence: str, until: int = 0) -> str:
    """A long sentence cut short; from the clause on that ends with the sign ``until``, where the
    words in question would not be seen otherwise."""
    if len(sentence) <= _SHOWN:
        return sentence
    begin = sentence.rfind("，", 0, until - 1) + 1 if until >= _SHOWN else 0
    shown = sentence[begin : begin + _SHOWN - 1]
    return ("…" if begin else "") + shown + ("…" if begin + len(shown) < len(sentence) else "")
