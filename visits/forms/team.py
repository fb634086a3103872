"""Making up a team: names as they stand in a list, one a line."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaign.models import Campaign
from core.forms import AppForm, LongText
from organisation.models import Area, User
from visits.choices import TeamSource
from visits.models import Team
from visits.queries import areas_to_cover, people_to_enlist
from visits.register.places import full_names, short_name

ONE_A_LINE = "每行一人：姓名，或登录名；同名的在姓名后空一格写单位。可以从 Excel 里整列粘贴。"

AREA_A_LINE = (
    "每行一个：村（社区）、网格或乡镇的名称；重名的前面写上级，如「柳园街道 利民社区」，"
    "或写区划代码。"
)


def _lines(text: str) -> list[str]:
    """The lines with something on them, spaces and tabs as one space, each once."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


class TeamForm(AppForm):
    """Name, areas, members by where they come from, and who leads."""

    submit_label = "保存服务队"

    name = forms.CharField(
        label="名称",
        max_length=60,
        error_messages={"required": "请填写服务队的名称。"},
        widget=forms.TextInput(attrs={"placeholder": "如：柳园街道民情书记服务一队"}),
    )
    areas = LongText(
        3,
        label="包联区域",
        max_length=4000,
        help_text=AREA_A_LINE,
        error_messages={"required": "请填写包联区域，至少一个。"},
    )
    department = LongText(
        3, label="部门选派", required=False, max_length=8000, help_text=ONE_A_LINE
    )
    posted = LongText(2, label="下派工作队", required=False, max_length=8000)
    grid = LongText(2, label="网格力量", required=False, max_length=8000)
    leader = forms.CharField(
        label="队长（可不填）", required=False, max_length=80, help_text="写上面名单里的一个人。"
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1)

    def __init__(
        self,
        *args: Any,
        keeper: User,
        campaign: Campaign,
        team: Team | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = _initial(team) if team else {}
        super().__init__(*args, **kwargs)
        self.keeper, self.campaign, self.changed = keeper, campaign, team

    def clean_areas(self) -> list[Area]:
        lines = _lines(self.cleaned_data["areas"])
        words = {word for line in lines for word in (line, line.split()[-1])}
        names = {name for word in words for name in full_names(word)}
        found = areas_to_cover(self.keeper, self.campaign, names)
        areas, faults = [], []
        for line in lines:
            fitting = _meant(line, found)
            if len(fitting) == 1:
                areas += fitting
            else:
                faults.append(_fault_of_area(line, fitting))
        if faults:
            raise ValidationError(faults)
        return list(dict.fromkeys(areas))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        written = {source: _lines(data.get(source.value) or "") for source in TeamSource}
        every = [line for lines in written.values() for line in lines]
        names = {line.split()[0] for line in every}
        known = people_to_enlist(self.keeper, names, self.changed)
        roll = {source: self._people(source, lines, known) for source, lines in written.items()}
        if not every and not any(self.errors.get(source.value) for source in TeamSource):
            self.add_error("department", "请至少写一名队员。")
        self._require_once(roll)
        self.roll = {source: people for source, people in roll.items() if people}
        self.chosen_leader = self._leader(data.get("leader") or "", roll)
        return data

    def team(self) -> dict[str, Any]:
        """The arguments of ``services.create_team`` and ``change_team``."""
        return {
            "name": self.cleaned_data["name"],
            "areas": self.cleaned_data["areas"],
            "members": self.roll,
            "leader": self.chosen_leader,
        }

    def _people(self, source: TeamSource, lines: list[str], known: list[User]) -> list[User]:
        people = []
        for line in lines:
            called = [person for person in known if _is_called(line, person)]
            fitting = [person for person in called if person.is_active]
            if len(fitting) == 1:
                people += fitting
            elif called and not fitting:
                self.add_error(source.value, f"「{line}」已离任，请删去这一行。")
            else:
                self.add_error(source.value, _fault_of_person(line, fitting))
        return list(dict.fromkeys(people))

    def _require_once(self, roll: dict[TeamSource, list[User]]) -> None:
        times = Counter(person for people in roll.values() for person in people)
        for person, number in times.items():
            if number > 1:
                self.add_error(None, f"{person.name}写在了两个来源里，请只留一处。")

    def _leader(self, line: str, roll: dict[TeamSource, list[User]]) -> User | None:
        if not line:
            return None
        words = " ".join(line.split())
        everybody = [person for people in roll.values() for person in people]
        fitting = [person for person in everybody if _is_called(words, person)]
        if len(fitting) != 1:
            self.add_error("leader", f"名单里没有找到「{words}」，队长要是这支队的队员。")
            return None
        return fitting[0]


def _initial(team: Team) -> dict[str, Any]:
    members = list(team.memberships.select_related("user__unit"))
    lists = {
        source.value: "\n".join(_line_of(row.user) for row in members if row.source == source)
        for source in TeamSource
    }
    leader = next((row.user for row in members if row.is_leader), None)
    areas = team.areas.order_by("code").values_list("code", flat=True)
    return lists | {
        "name": team.name,
        "areas": "\n".join(areas),
        "leader": _line_of(leader) if leader else "",
        "seen_version": team.version,
    }


def _line_of(person: User) -> str:
    return f"{person.name} {person.unit.name}" if person.unit else person.name


def _is_called(line: str, person: User) -> bool:
    name, _, unit = line.partition(" ")
    if name not in {person.name, person.username}:
        return False
    return not unit or (person.unit is not None and unit in person.unit.name)


def _meant(line: str, found: Iterable[Area]) -> list[Area]:
    """The areas of the line's code or whole name; without one, the villages people call so."""
    *above, name = line.split()
    within = [
        area
        for area in found
        if area.code == name
        or all(word in (area.parent.name if area.parent else "") for word in above)
    ]
    exact = [area for area in found if area.name == line]
    exact += [area for area in within if name in {area.code, area.name} and area not in exact]
    return exact or [area for area in within if short_name(area.name) == short_name(name)]


def _fault_of_area(line: str, fitting: Iterable[Area]) -> str:
    codes = "、".join(
        f"{each.parent.name if each.parent else ''}{each.name} {each.code}" for each in fitting
    )
    if codes:
        return f"「{line}」有几个：{codes}。请改写代码。"
    return f"您的区域里没有叫「{line}」的地方，请核对名称，或改写区划代码。"


def _fault_of_person(line: str, fitting: Iterable[User]) -> str:
    units = "、".join(each.unit.name if each.unit else "无单位" for each in fitting)
    if units:
        return f"「{line}」有几个：{units}。请在姓名后空一格写单位。"
    return f"您的区域里没有找到「{line}」。请核对姓名，或先把人员加进花名册。"
