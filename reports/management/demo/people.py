"""The demo's units, people and grants."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from random import Random

from organisation.choices import AreaLevel, Role, Tier, UnitKind
from organisation.models import Area, Unit, User
from organisation.services import create_unit, create_user, grant, post
from reports.management.demo import names

COUNTY_CODE = "371524000000"
DEPARTMENTS = (
    "住房和城乡建设局",
    "行政审批服务局",
    "人力资源和社会保障局",
    "市场监督管理局",
    "农业农村局",
    "民政局",
)
CADRES_PER_UNIT = 4
POWERS = ("approves", "enforces", "allocates")


@dataclass
class Cast:
    """Everybody the demo's history needs, by part."""

    city: Area
    county: Area
    departments: list[Unit]
    heads: dict[int, User]
    cadres: dict[int, list[User]]
    office: User
    discipline: User
    accounts: list[tuple[str, str, str]]


class PeopleMaker:
    """Makes units and people; every account has the same password, given by the caller."""

    def __init__(self, random: Random, password: str, since: date) -> None:
        self.random = random
        self.since = since
        self.password_user = User()
        self.password_user.set_password(password)
        self.accounts: list[tuple[str, str, str]] = []

    def build(self) -> Cast:
        city = Area.objects.get(level=AreaLevel.CITY)
        county = Area.objects.get(code=COUNTY_CODE)
        committee = create_unit(
            name=f"{county.name}委", kind=UnitKind.COMMITTEE, area=county, code="DE-01"
        )
        departments = [
            create_unit(
                name=f"{county.name}{name}",
                kind=UnitKind.DEPARTMENT,
                area=county,
                parent=committee,
                code=f"DE-{number:02}",
            )
            for number, name in enumerate(DEPARTMENTS, start=11)
        ]
        office_unit = self._unit("DE-02", f"{county.name}作风办", county, committee)
        discipline_unit = self._unit("DE-03", f"{county.name}纪委监委", county, committee)
        organisation_unit = self._unit("DE-04", f"{county.name}委组织部", county, committee)
        office = self._person("zuofengban", office_unit, "作风办副主任", Role.OFFICE, area=county)
        discipline = self._person(
            "jiwei", discipline_unit, "党风政风监督室主任", Role.DISCIPLINE, area=county
        )
        self._person("zuzhibu", organisation_unit, "干部科科长", Role.ORGANISATION, area=county)
        self._person("lingdao", committee, "县委副书记", Role.LEADER, area=county)
        city_unit = create_unit(
            name=f"{city.name}作风办", kind=UnitKind.DEPARTMENT, area=city, code="LC-02"
        )
        self._person("shizuofengban", city_unit, "市作风办主任", Role.OFFICE, area=city)
        self._person("shilingdao", city_unit, "市委副书记", Role.LEADER, area=city)
        heads, cadres = {}, {}
        for number, unit in enumerate(departments):
            heads[unit.pk] = self._head(unit, number)
            cadres[unit.pk] = self._cadres(unit, number)
        liaison = self._person(
            "lianluoyuan", departments[0], "办公室主任", Role.LIAISON, unit_grant=departments[0]
        )
        grant(user=liaison, role=Role.CADRE, since=self.since, unit=departments[0])
        self._administrators(office_unit, county)
        return Cast(city, county, departments, heads, cadres, office, discipline, self.accounts)

    def _unit(self, code: str, name: str, area: Area, parent: Unit) -> Unit:
        return create_unit(code=code, name=name, kind=UnitKind.DEPARTMENT, area=area, parent=parent)

    def _head(self, unit: Unit, number: int) -> User:
        suffix = "" if number == 0 else str(number + 1)
        deputy = self._person(
            f"fuju{suffix}", unit, "副局长", Role.DEPUTY, unit_grant=unit, tier=Tier.LEADING
        )
        grant(user=deputy, role=Role.CADRE, since=self.since, unit=unit)
        head = self._person(
            f"juzhang{suffix}", unit, "局长", Role.UNIT_HEAD, unit_grant=unit, tier=Tier.LEADING
        )
        grant(user=head, role=Role.CADRE, since=self.since, unit=unit)
        return head

    def _cadres(self, unit: Unit, number: int) -> list[User]:
        """The second of each unit holds a key post, each unit with another of the powers."""
        first = number * CADRES_PER_UNIT
        power = POWERS[number % len(POWERS)]
        return [
            self._person(
                "ganbu" if first + n == 0 else f"ganbu{first + n + 1}",
                unit,
                "股长" if n == 1 else "科员",
                Role.CADRE,
                unit_grant=unit,
                tier=Tier.KEY_POST if n == 1 else Tier.ORDINARY,
                powers=[power] if n == 1 else [],
            )
            for n in range(CADRES_PER_UNIT)
        ]

    def _administrators(self, unit: Unit, area: Area) -> None:
        for username, title, role in (
            ("xitong", "系统管理员", Role.SYSTEM_ADMIN),
            ("anquan", "安全管理员", Role.SECURITY_ADMIN),
            ("shenji", "审计管理员", Role.AUDIT_ADMIN),
        ):
            self._person(username, unit, title, role, area=area)

    def _person(
        self,
        username: str,
        unit: Unit,
        position: str,
        role: Role,
        *,
        area: Area | None = None,
        unit_grant: Unit | None = None,
        tier: Tier = Tier.ORDINARY,
        powers: Collection[str] = (),
    ) -> User:
        user = create_user(
            username=username,
            name=names.person(self.random),
            password_hash=self.password_user.password,
        )
        post(user=user, unit=unit, position=position, since=self.since, tier=tier, powers=powers)
        grant(user=user, role=role, since=self.since, unit=unit_grant, area=area)
        self.accounts.append((username, user.name, f"{unit.name} {position}"))
        return user
