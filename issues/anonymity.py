"""Takes names out of a text, and shows what was taken. Pure: no Django.

Every place where a known name stands is replaced as a whole, spaces inside it and other names
across it included; nothing is half replaced. Where the name may be an everyday word, or two
names lie across each other, it is replaced too and marked as doubtful: a person decides.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

SHORTEST = 2  # one sign is part of too many words


class Kind(Enum):
    """What a name names; the value stands in its place."""

    PERSON = "某某"
    UNIT = "某单位"
    PLACE = "某地"
    NUMBER = "某号码"


@dataclass(frozen=True)
class Name:
    """A word to be taken out; ``doubtful`` if it may also be an everyday word."""

    word: str
    kind: Kind
    doubtful: bool = False


@dataclass(frozen=True)
class Piece:
    """A run of the text: kept as it is if ``kind`` is None, else replaced."""

    text: str
    kind: Kind | None = None
    doubtful: bool = False

    @property
    def shown(self) -> str:
        return self.text if self.kind is None else self.kind.value


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    name: Name


_DATE = r"\d{4}[－-]\d{1,2}[－-]\d{1,2}(?!\d)"
_NUMBER = re.compile(  # of an item, a telephone, a person
    rf"[Ww]\s*\d{{6,}}|(?<!\d)(?!{_DATE})\d(?:[\s－-]?\d){{6,}}[XxＸｘ]?"
)
_TITLES = (
    *(
        "局长",
        "副局长",
        "主任",
        "副主任",
        "科长",
        "副科长",
        "股长",
        "书记",
        "副书记",
        "镇长",
        "乡长",
    ),
    *("村长", "县长", "所长", "站长", "队长", "经理", "老师", "同志"),
)


def mask(text: str, names: Iterable[Name]) -> tuple[Piece, ...]:
    """The text in pieces, in order and complete, with every name of ``names`` in a replaced one.

    Names of one sign are left out; long numbers are taken out too.
    """
    return tuple(_pieces(text, _merged([*_names_in(text, names), *_numbers_in(text)])))


def masked(pieces: Iterable[Piece]) -> str:
    """What readers would get."""
    return "".join(piece.shown for piece in pieces)


def left_in(text: str, names: Iterable[Name]) -> list[str]:
    """The names and numbers that still stand there beyond doubt, each once, in order."""
    sure = [each for each in names if not each.doubtful]
    found = [*_names_in(text, sure), *_numbers_in(text)]
    return list(dict.fromkeys(text[each.start : each.end] for each in _merged(found)))


def forms_of_person(name: str, *, sure: bool = False) -> Iterator[Name]:
    """The name itself; the family name with a title; the given name. ``sure``: of the item."""
    name = name.strip()
    if len(name) < SHORTEST:
        return
    yield Name(name, Kind.PERSON, doubtful=len(name) == SHORTEST and not sure)
    if not _is_chinese(name):
        return
    for title in _TITLES:
        yield Name(name[0] + title, Kind.PERSON, doubtful=True)
    for familiar in ("老", "小"):
        yield Name(familiar + name[0], Kind.PERSON, doubtful=True)
    if len(name) > SHORTEST:
        yield Name(name[1:], Kind.PERSON, doubtful=True)


def forms_of_unit(name: str, places: Collection[str]) -> Iterator[Name]:
    """The full name, and the rest after one of the ``places``: 东阿县住建局, 县住建局, 住建局."""
    name = name.strip()
    yield Name(name, Kind.UNIT)
    for place in places:
        for head in (place, place[:-1]):
            rest = name.removeprefix(head) if len(head) >= SHORTEST else name
            if rest != name and len(rest) >= SHORTEST:
                yield Name(rest, Kind.UNIT, doubtful=len(rest) == SHORTEST)


def forms_of_place(name: str) -> Iterator[Name]:
    """The full name, and the name without its level: 前关村, 前关."""
    name = name.strip()
    yield Name(name, Kind.PLACE, doubtful=len(name) <= SHORTEST)
    bare = re.sub("(村民委员会|社区居民委员会|居民委员会|村委会|居委会)$", "", name)
    for each in (bare, re.sub("(街道|社区|[省市县区镇乡村])$", "", bare)):
        if each != name and len(each) >= SHORTEST:
            yield Name(each, Kind.PLACE, doubtful=len(each) == SHORTEST)


def _is_chinese(name: str) -> bool:
    return all("一" <= sign <= "鿿" for sign in name)


def _names_in(text: str, names: Iterable[Name]) -> Iterator[_Found]:
    """The longest name that begins at each place."""
    bare = _bare(text)
    known: dict[str, Name] = {}
    for name in names:
        word = _bare(name.word)
        if len(word) >= SHORTEST and word in bare:
            held = known.get(word)
            if held is None or held.doubtful:
                known[word] = name
    if not known:
        return
    longest_first = sorted(known, key=lambda word: (-len(word), word))
    one = "|".join(r"\s*".join(map(re.escape, word)) for word in longest_first)
    for match in re.finditer(f"(?=({one}))", _folded(text)):
        yield _Found(*match.span(1), known[_bare(match.group(1))])


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", _folded(text))


def _folded(text: str) -> str:
    """One sign for each sign, without case and width."""
    lower = text.lower()
    if len(lower) == len(text) and unicodedata.is_normalized("NFKC", text):
        return lower
    return "".join(map(_fold, text))


def _fold(sign: str) -> str:
    folded = unicodedata.normalize("NFKC", sign).lower()
    return folded if len(folded) == 1 else sign


def _numbers_in(text: str) -> Iterator[_Found]:
    for match in _NUMBER.finditer(text):
        yield _Found(*match.span(), Name(match.group(), Kind.NUMBER))


def _merged(found: Iterable[_Found]) -> Iterator[_Found]:
    """Runs that do not overlap: what lies within a name is dropped, what crosses it joins."""
    current: _Found | None = None
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if current is None or each.start >= current.end:
            if current:
                yield current
            current = each
        elif each.end > current.end:
            current = _joined(current, each)
    if current:
        yield current


def _joined(one: _Found, other: _Found) -> _Found:
    longer = max(one, other, key=lambda each: each.end - each.start)
    name = Name(longer.name.word, longer.name.kind, doubtful=True)
    return _Found(one.start, other.end, name)


def _pieces(text: str, found: Iterable[_Found]) -> Iterator[Piece]:
    at = 0
    for each in found:
        if each.start > at:
            yield Piece(text[at : each.start])
        yield Piece(text[each.start : each.end], each.name.kind, each.name.doubtful)
        at = each.end
    if at < len(text):
        yield Piece(text[at:])
