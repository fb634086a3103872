"""Which village a row means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.columns import Rejected
from visits.choices import Fault

_VILLAGE_ENDING = re.compile(r"(村民委员会|居民委员会|村委会|居委会|委员会)$")


@dataclass(frozen=True)
class Village:
    """A village as the checks need it."""

    pk: int
    code: str
    name: str
    township: str
    in_scope: bool


class Gazetteer:
    """Finds the village that a row means."""

    def __init__(self, villages: Iterable[Village]) -> None:
        self.by_code: dict[str, Village] = {}
        self.by_pk: dict[int, Village] = {}
        self._by_name: dict[tuple[str, str], list[Village]] = {}
        for village in villages:
            self.by_code[village.code] = village
            self.by_pk[village.pk] = village
            key = (village.township, _short_name(village.name))
            self._by_name.setdefault(key, []).append(village)

    def find(self, place: str, township: str) -> Village:
        """The village of a code, or of a name with its township. Raises Rejected."""
        found = self._of_code(place) if place.isdecimal() else self._of_name(place, township)
        if township and found.township != township:
            raise Rejected(
                Fault.PLACE, f"「{place}」属于「{found.township}」，与所填的「{township}」不一致"
            )
        if not found.in_scope:
            raise Rejected(Fault.SCOPE, f"「{place}」不在您的管辖范围")
        return found

    def _of_code(self, code: str) -> Village:
        if len(code) != 12:
            raise Rejected(Fault.PLACE, f"「{code}」有 {len(code)} 位，区划代码应为 12 位")
        if code not in self.by_code:
            raise Rejected(Fault.PLACE, f"区划表里没有代码为「{code}」的村（社区）")
        return self.by_code[code]

    def _of_name(self, name: str, township: str) -> Village:
        if not township:
            raise Rejected(Fault.PLACE, f"只填了村名「{name}」，请同时填写乡镇（街道），或改填代码")
        found = self._by_name.get((township, _short_name(name)), [])
        if not found:
            raise Rejected(Fault.PLACE, f"区划表里没有「{township}」的「{name}」")
        if len(found) > 1:
            codes = "、".join(village.code for village in found)
            raise Rejected(
                Fault.PLACE, f"「{township}」有 {len(found)} 个「{name}」，请改填代码：{codes}"
            )
        return found[0]


def _short_name(name: str) -> str:
    return _VILLAGE_ENDING.sub("", name)
