"""Choices of the organisation."""

from django.db.models import TextChoices

from core.choices import Addressee


class AreaLevel(TextChoices):
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"
    TOWNSHIP = "township", "乡镇（街道）"
    VILLAGE = "village", "村（社区）"
    GRID = "grid", "网格"


class Settlement(TextChoices):
    """城乡分类代码 of a village (domain §4.4): urban begins with 1, rural with 2."""

    MAIN_URBAN = "111", "主城区"
    URBAN_FRINGE = "112", "城乡结合区"
    TOWN_CENTRE = "121", "镇中心区"
    TOWN_FRINGE = "122", "镇乡结合区"
    SPECIAL = "123", "特殊区域"
    RURAL_CENTRE = "210", "乡中心区"
    RURAL = "220", "村庄"


class UnitKind(TextChoices):
    COMMITTEE = "committee", "党委政府"
    DEPARTMENT = "department", "部门单位"
    TOWNSHIP = "township", "乡镇（街道）"


class Tier(TextChoices):
    """重点对象: the three tiers of persons (domain §1.7)."""

    LEADING = "leading", "领导班子及主要负责人"
    KEY_POST = "key_post", "关键岗位干部"
    ORDINARY = "ordinary", "普通党员干部"


class Role(TextChoices):
    """Who may do what; every right is a grant of one of these (design §4)."""

    CADRE = "cadre", "干部"
    LIAISON = "liaison", "联络员"
    UNIT_HEAD = "unit_head", "单位主要负责人"
    DEPUTY = "deputy", "班子成员"
    OFFICE = "office", "作风办"
    ORGANISATION = "organisation", "组织部"
    DISCIPLINE = "discipline", "纪委监委"
    LEADER = "leader", "领导"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
UNIT_LEADERS = frozenset({Role.UNIT_HEAD, Role.DEPUTY})
UNIT_ROLES = frozenset({Role.CADRE, Role.LIAISON, *UNIT_LEADERS})  # held over a unit
AREA_ROLES = frozenset(Role) - UNIT_ROLES  # held over an area
SECOND_FACTOR_ROLES = AREA_ROLES - {Role.ORGANISATION}  # domain §7.2: reviewers, leaders, admins
ROSTER_KEEPERS = frozenset({Role.OFFICE, Role.LIAISON})
ABOVE = {  # to whom what stays undone goes up, by the heights of core.notices
    Addressee.LIAISON: Role.LIAISON,
    Addressee.HEAD: Role.UNIT_HEAD,
    Addressee.OFFICE: Role.OFFICE,
}
LIGHT_ROLES = frozenset({Role.CADRE, Role.LIAISON})  # a liaison posts who holds no other
ROSTER_READERS = (
    ROSTER_KEEPERS | UNIT_LEADERS | {Role.ORGANISATION, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}
)
