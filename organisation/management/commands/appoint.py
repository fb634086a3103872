"""Appoint the first people of an installation without demo data: administrators, the office."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core import audit
from organisation.choices import ADMINISTRATORS, Role, UnitKind
from organisation.models import Area, Unit
from organisation.passwords import new_initial_password
from organisation.services import Refused, create_unit, create_user, grant, post

ROLES = [role.value for role in Role if role in ADMINISTRATORS | {Role.OFFICE}]
USERNAME_LENGTH = 40


class Command(BaseCommand):
    help = "任命首批管理员和作风办：建账号、任职和授权，初始密码只显示一次。没有默认账号。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="登录名")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--role", required=True, choices=ROLES, help="角色")
        parser.add_argument("--area", required=True, help="管辖区划的代码")
        parser.add_argument("--unit", required=True, help="所在单位；没有时新建")

    def handle(self, **options: Any) -> None:
        if not 0 < len(options["username"]) <= USERNAME_LENGTH:
            raise CommandError(f"登录名要有 1 到 {USERNAME_LENGTH} 个字符")
        area = Area.objects.filter(code=options["area"]).first()
        if area is None:
            raise CommandError(f"没有代码为 {options['area']} 的区划，请先用 import_areas 导入区划")
        try:
            password = appoint(
                username=options["username"],
                name=options["name"],
                role=Role(options["role"]),
                area=area,
                unit_name=options["unit"],
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"已任命 {options['name']} 为{Role(options['role']).label}（{area.name}）。\n"
            f"登录名 {options['username']}，初始密码 {password}\n"
            "密码只显示这一次，请当面交给本人；首次登录须修改，并按安全策略启用动态口令。"
        )


@audit.atomic
def appoint(*, username: str, name: str, role: Role, area: Area, unit_name: str) -> str:
    """Account, posting and right in one act; returns the initial password. Raises Refused."""
    today, password = timezone.localdate(), new_initial_password()
    unit = Unit.objects.filter(name=unit_name, area=area).first()
    if unit is None:
        unit = create_unit(name=unit_name, kind=UnitKind.DEPARTMENT, area=area)
    user = create_user(username=username, name=name, password=password, initial=True)
    post(user=user, unit=unit, position=role.label, since=today)
    grant(user=user, role=role, since=today, area=area)
    return password
