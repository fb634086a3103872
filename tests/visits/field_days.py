"""Days in the field as people have them, and as some make them up; from a seed.

What is assumed of honest people: eight doors a day, seldom more than fifteen; a third notes the
hour, most to five minutes and some to the quarter; four in ten enter at the door, as many in the
evening within the hour, the rest the next day or late with a reason; half of the doors have
words of their own, some a stock phrase; a village meeting is written down for all who came.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from organisation.models import User
from visits.choices import Outcome, Way
from visits.entry import text_key
from visits.models import Target, Visit

STOCK = ("", "", "", "无", "都好", "没有困难", "一切正常", "在家，无诉求")
LONG_STOCK = "家庭情况稳定，收入正常，暂无困难诉求"  # 16 letters: two come upon it by themselves
WHO = ("老两口", "儿媳", "户主本人", "邻居代为", "老支书", "种粮大户", "返乡青年", "店主")
DID = ("说起", "反映", "提到", "问起", "念叨", "盼着")
WHAT = ("机井", "路灯", "低保", "孩子上学", "合作医疗报销", "宅基地", "大棚", "村口小桥", "快递点")
HOW = ("去年修过又坏了", "跑了两趟没办成", "已经解决了", "要等开春再说", "愿意自己出一半")
KINDS = ("desk", "clock", "copier", "sheet", "night", "careful")
WEIGHTS = (30, 20, 20, 15, 10, 5)


def own_words(chance: Random) -> str:
    number = chance.randint(2, 98)
    said = (chance.choice(WHO), chance.choice(DID), chance.choice(WHAT), chance.choice(HOW))
    return (
        f"{''.join(said)}，家里{number}亩地，{chance.choice(WHO)}也在，{chance.randint(2, 9)}口人"
    )


@dataclass
class Field:
    """The doors there are, and who goes to them."""

    chance: Random
    doors: Sequence[Target]
    passed: int = 0

    def door(self) -> Target:
        """Always another one."""
        self.passed += 1
        return self.doors[self.passed % len(self.doors)]

    def visit(self, author: User, day: date, received: datetime, **more: object) -> Visit:
        heard = str(more.get("heard", ""))
        values = {
            "way": Way.HOME,
            "outcome": Outcome.EFFECTIVE,
            "target": self.door(),
            "text_key": text_key(heard),
        } | more
        return Visit(
            token=uuid.UUID(int=self.chance.getrandbits(128)),
            author=author,
            visited_on=day,
            received_at=timezone.make_aware(received),
            **values,
        )


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


def _doors_of(field: Field, day: date) -> list[datetime]:
    """When an honest round knocks: talks take a while, closed doors a few minutes."""
    chance = field.chance
    now = _at(day, 8, chance.randint(0, 59))
    found = []
    for _ in range(min(20, max(1, round(chance.gauss(8, 3.5))))):
        found.append(now)
        closed = chance.random() < 0.15
        now += timedelta(minutes=chance.uniform(5, 9) if closed else chance.uniform(12, 45))
    return found


def honest_day(field: Field, author: User, day: date) -> Iterator[Visit]:
    """One round, told and entered in the author's way of this day."""
    chance, doors = field.chance, _doors_of(field, day)
    if chance.random() < 0.05:
        yield from _meeting(field, author, day)
        return
    tells = chance.random() < 0.35
    rounded = chance.choices((5, 15), (85, 15))[0]
    entry = chance.choices(("door", "evening", "next", "late"), (40, 42, 13, 5))[0]
    evening = _at(day, chance.choice((18, 19, 20, 20, 21)), chance.randint(0, 59))
    for place, knocked in enumerate(doors):
        stay = timedelta(minutes=chance.uniform(2, 8))
        evening += timedelta(minutes=chance.uniform(1, 4))
        received = {
            "door": knocked + stay,
            "evening": evening,
            "next": evening + timedelta(hours=13),
            "late": evening + timedelta(days=5, hours=-8),
        }[entry]
        began = knocked.replace(minute=knocked.minute // rounded * rounded, second=0, microsecond=0)
        heard = own_words(chance) if chance.random() < 0.5 else chance.choice(STOCK)
        heard = LONG_STOCK if chance.random() < 0.002 else heard
        yield field.visit(
            author,
            day,
            received + timedelta(seconds=place),
            began=began.time() if tells else None,
            heard=heard,
            late_reason="山里没有信号" if entry == "late" else "",
        )


def _meeting(field: Field, author: User, day: date) -> Iterator[Visit]:
    heard, evening = own_words(field.chance), _at(day, 19)
    for _ in range(field.chance.randint(6, 14)):
        evening += timedelta(minutes=field.chance.uniform(1, 2))
        yield field.visit(author, day, evening, began=time(15), way=Way.MEETING, heard=heard)


def desk_day(field: Field, author: User, day: date) -> Iterator[Visit]:
    """Nobody left the office; the list is typed in one sitting."""
    now = _at(day, field.chance.choice((9, 11, 15, 17)), 5)
    for _ in range(field.chance.randint(14, 34)):
        now += timedelta(minutes=field.chance.uniform(0.5, 2.5))
        yield field.visit(author, day, now, heard=field.chance.choice(STOCK))


def clock_day(field: Field, author: User, day: date) -> Iterator[Visit]:
    """Hours made up, without a thought of the way between the doors."""
    began, received = _at(day, 8), _at(day, 17)
    for _ in range(field.chance.randint(10, 24)):
        began += timedelta(minutes=field.chance.uniform(2, 25))
        received += timedelta(minutes=1)
        yield field.visit(author, day, received, began=began.time(), heard="")


def _copied_day(field: Field, author: User, day: date, sentences: Iterator[str]) -> Iterator[Visit]:
    for visit in honest_day(field, author, day):
        visit.heard = next(sentences)
        visit.text_key = text_key(visit.heard)
        yield visit


def night_day(field: Field, author: User, day: date) -> Iterator[Visit]:
    now = _at(day, 22, 10)
    for _ in range(field.chance.randint(11, 18)):
        now += timedelta(minutes=field.chance.uniform(2, 6))
        yield field.visit(author, min(day, now.date()), now, heard="")


def liar_day(field: Field, kind: str, sentences: Iterator[str]) -> Callable[..., Iterator[Visit]]:
    """How this kind of liar makes up a day; the careful one cannot be told from the honest."""

    def copied(_field: Field, author: User, day: date) -> Iterator[Visit]:
        return _copied_day(field, author, day, sentences)

    return {
        "desk": desk_day,
        "clock": clock_day,
        "copier": copied,
        "sheet": copied,
        "night": night_day,
        "careful": honest_day,
    }[kind]
