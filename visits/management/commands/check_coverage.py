"""`manage.py check_coverage`: whether the numbers of the coverage are right."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign.models import Campaign
from visits.services.coverage import area_names, check_coverage


class Command(BaseCommand):
    """Names every wrong counter and changes nothing; exit code 1 when there is one."""

    help = "核对覆盖计数和分母，列出每一处不对的，不改动数据。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--campaign", type=int, help="专项行动编号；不填则核对全部未归档的")

    def handle(self, *args: Any, campaign: int | None, **options: Any) -> None:
        campaigns = Campaign.objects.filter(archived_at=None).select_related("area")
        chosen = campaigns.filter(pk=campaign) if campaign else campaigns
        if campaign and not chosen:
            raise CommandError(f"没有编号为 {campaign} 的未归档专项行动。")
        number = sum(self._check(each) for each in chosen.order_by("pk"))
        if number:
            raise CommandError(f"有 {number} 处不对。manage.py recount_coverage 会重新清点计数。")
        self.stdout.write("覆盖计数都与登记册一致。")

    def _check(self, campaign: Campaign) -> int:
        faults = check_coverage(campaign)
        names = area_names(campaign) if faults else {}
        for fault in faults:
            self.stdout.write(f"{campaign}：{fault.text(names)}")
        return len(faults)
