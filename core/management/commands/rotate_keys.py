"""``manage.py rotate_keys``: a new key for the encrypted columns, or for their indexes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import crypto, rotation
from core.crypto import CannotDecrypt
from core.keyring import FIELD, INDEX, KeyringError


class Command(BaseCommand):
    help = (
        "更换加密个人信息的密钥：生成新密钥，把每一列重新加密。可以在使用中运行，"
        "中断后再运行一次会接着做。更换前请先备份密钥文件"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--index", action="store_true", help="更换查找索引的密钥")
        parser.add_argument("--retire", action="store_true", help="删除已经没有数据使用的旧密钥")
        parser.add_argument(
            "--check", action="store_true", help="只检查数据库用到的密钥是否都在密钥文件里"
        )

    def handle(self, *, index: bool, retire: bool, check: bool, **options: Any) -> None:
        purpose = INDEX if index else FIELD
        try:
            if check:
                self._check()
            elif retire:
                self._retire(purpose)
            else:
                self._rotate(purpose)
        except (CannotDecrypt, KeyringError) as error:
            raise CommandError(str(error)) from error

    def _rotate(self, purpose: str) -> None:
        for column, number in rotation.rotate(purpose).items():
            self.stdout.write(f"{column}：重写 {number} 行")
        self.stdout.write(
            f"现在使用密钥 {crypto.present().of(purpose).current}。"
            "请立即备份密钥文件；旧密钥仍然保留，一小时后可以用 --retire 删除"
        )

    def _retire(self, purpose: str) -> None:
        removed, kept = rotation.retire(purpose)
        self.stdout.write(f"已删除旧密钥：{'、'.join(removed) or '无'}")
        if kept:
            self.stdout.write(f"仍保留：{'、'.join(kept)}（还有数据使用，或更换不到一小时）")
        if removed:
            self.stdout.write("更换之前的备份要用当时的密钥文件才能读，请把它与那些备份放在一起")

    def _check(self) -> None:
        """Every key that a row needs is in the file; a restored backup is tried with this."""
        for purpose, name in ((FIELD, "加密"), (INDEX, "索引")):
            missing = rotation.used_keys(purpose) - set(crypto.present().of(purpose).keys)
            if missing:
                raise CommandError(
                    f"密钥文件里缺少{name}密钥 {'、'.join(sorted(missing))}。"
                    "请恢复与这份数据库一起备份的密钥文件"
                )
        self.stdout.write("数据库用到的密钥都在密钥文件里")
