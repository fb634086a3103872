"""The check: every field against its rules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from issues.concreteness.reading import (
    bare,
    details,
    emptiest,
    emptiness,
    nearest,
    quoted,
    sentences,
    template_in,
)
from issues.concreteness.rulebook import (
    CLAIMED,
    FIELDS,
    LONG_TERM,
    LONG_TERM_FIELDS,
    LONG_TERM_REASON,
    MILESTONE,
    MISSING,
    OUTSIDE,
    PHRASES,
    PLACEHOLDERS,
    PLACES,
    RULES,
    Field,
)
from issues.concreteness.texts import Finding, Span, Text


def check(
    text: Text, span: Span | None = None, milestones: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """What to say to the writer, field by field in the order of the form.

    Refused is what has no time, place, event, cause, direction or measure, and a deadline
    outside ``span``; of everything else there is a warning. Without ``span`` the deadline is
    only asked for. ``milestones``: what a long-term item with a reason promises, by field; its
    direction and measures may say 长期坚持 then.
    """
    found = _check_title(text.title)
    for name in MISSING:
        value = getattr(text, name)
        found += _check_field(name, value, span)
        if milestones is None and name in LONG_TERM_FIELDS:
            found += _long_term(name, value)
    return (*found, *check_milestones(milestones or {}))


def check_milestones(shows: Mapping[str, str]) -> tuple[Finding, ...]:
    """Of what shall be seen, or was: no placeholder, and a warning where it cannot be checked."""
    found: list[Finding] = []
    for name, value in shows.items():
        if bare(value).casefold() in PLACEHOLDERS:
            say = RULES["placeholders"]["say"].format(words=quoted(value.strip()))
            found.append(Finding(name, value.strip(), say, refuses=True))
        elif bare(value):
            found += _check_milestone(name, value)
    return tuple(found)


def _check_milestone(name: str, value: str) -> list[Finding]:
    found = _vague("measures", MILESTONE, value)
    length = len(bare(value))
    if not found and length < MILESTONE.shortest:
        found = [Finding(name, value.strip(), MILESTONE.short.format(length=length))]
    return [replace(each, field=name, refuses=False) for each in found]


def _check_title(title: str) -> list[Finding]:
    """A title is short, so that any detail will do; without, its stock phrases are named."""
    if details(title, FIELDS["event"].kinds):
        return []
    return [replace(each, field="title") for each in _phrases("event", title)]


def _check_field(name: str, value: str | date | None, span: Span | None) -> list[Finding]:
    if not isinstance(value, str):
        return _check_day(name, value, span)
    if not bare(value):
        return [_gap(name)]
    words = bare(value).casefold()
    if words in PLACEHOLDERS:
        said = RULES["placeholders"]["say"].format(words=quoted(value.strip()))
        return [Finding(name, value.strip(), said + MISSING[name], refuses=True)]
    if name == "place":
        return _check_place(value)
    return _check_words(name, value) if name in CLAIMED else []


def _gap(name: str) -> Finding:
    return Finding(name, "", MISSING[name], refuses=True, is_gap=True)


def _check_day(name: str, day: date | None, span: Span | None) -> list[Finding]:
    if day is None:
        return [_gap(name)]
    if name == "due_on" and span and not span.first <= day <= span.last:
        said = OUTSIDE.format(first=span.first, last=span.last)
        return [Finding(name, str(day), said, refuses=True)]
    return []


def _check_place(value: str) -> list[Finding]:
    if bare(value) not in PLACES:
        return []
    return [Finding("place", value.strip(), RULES["places"]["say"].format(words=value.strip()))]


def _check_words(name: str, value: str) -> list[Finding]:
    field = FIELDS[name]
    found = _template(name, value) or _vague(name, field, value)
    length = len(bare(value))
    if not found and length < field.shortest:
        found = [Finding(name, value.strip(), field.short.format(length=length))]
    return found


def _template(name: str, value: str) -> list[Finding]:
    template = template_in(value)
    if template is None:
        return []
    words = quoted(nearest(value, template))
    return [Finding(name, words, RULES["templates"]["say"].format(words=words))]


def _vague(name: str, field: Field, value: str) -> list[Finding]:
    """Details forgive every phrase beside them; without, the phrases are named."""
    shown, share = details(value, field.kinds), emptiness(value)
    acts = not field.acts or bool(shown.intersection(field.acts))
    if acts and len(shown) >= field.details and share < field.full:
        return []
    found = _phrases(name, value)
    if not found and (share >= field.empty or len(shown) < field.details - 1):
        words = quoted(emptiest(value))
        found = [Finding(name, words, field.vague.format(words=words))]
    if found and not shown and share >= field.refused_empty:
        found = [Finding(name, each.words, each.say, refuses=True) for each in found]
    return found


def _phrases(name: str, value: str) -> list[Finding]:
    """At most one finding for a sentence: the first phrase that fits it."""
    found = []
    for sentence in sentences(value):
        for phrases in PHRASES:
            if name in phrases.fields and (said := phrases.pattern.search(sentence)):
                words = quoted(sentence, said.end())
                found.append(Finding(name, words, phrases.say.format(words=words)))
                break
    return found


def _long_term(name: str, value: str) -> list[Finding]:
    """「决不允许以长期整改为由应付了事」"""
    phrase = LONG_TERM.search(value)
    if phrase is None or LONG_TERM_REASON.search(value):
        return []
    words = phrase.group()
    return [Finding(name, words, RULES["long_term"]["say"].format(words=words))]
