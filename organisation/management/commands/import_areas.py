"""Load an area tree from a CSV file (code,name,level,parent)."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from organisation.services import AreaFileError, import_areas


class Command(BaseCommand):
    help = "导入区划：CSV 文件，列为 code,name,level,parent；可重复执行。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: object) -> None:
        try:
            with file.open(encoding="utf-8-sig", newline="") as source:
                done = import_areas(source)
        except (OSError, UnicodeDecodeError, AreaFileError) as error:
            raise CommandError(f"没有导入：{error}") from error
        self.stdout.write(
            f"新增 {done.created} 个，改名 {done.renamed} 个，未变 {done.unchanged} 个。"
        )
