"""Take away a lost authenticator where no other administrator can do it by the page."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organisation.models import User
from organisation.services.accounts import reset_second_factor


class Command(BaseCommand):
    help = "重设动态口令：只在没有别的管理员能在页面上办理时使用；记入审计。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="登录名")

    def handle(self, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有登录名为 {options['username']} 的人")
        reset_second_factor(user=user, actor=None)
        self.stdout.write(f"{user.name}的动态口令已清除，登录已退出，下次登录时重新绑定。")
