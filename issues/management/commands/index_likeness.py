"""Make the keys by which like problems are found, where they are missing."""

from django.core.management import CommandParser
from django.core.management.base import BaseCommand

from issues.services import index_likeness


class Command(BaseCommand):
    help = "补建问题的比对码：升级后运行一次；可以边用边建，中断了再运行即可。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--afresh", action="store_true", help="全部重建")

    def handle(self, *, afresh: bool, **options: object) -> None:
        done = 0
        for number in index_likeness(afresh=afresh):
            done += number
            if done % 50_000 == 0:
                self.stdout.write(f"已比对 {done} 个问题……")
        self.stdout.write(f"完成：补建了 {done} 个问题的比对码。")
