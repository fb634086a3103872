"""Count the register anew and compare with the counters."""

from django.core.management.base import BaseCommand

from campaign.models import Campaign
from visits.services import recount_coverage


class Command(BaseCommand):
    help = "重新清点覆盖计数，修正不一致的，并报告有几个不对。"

    def handle(self, **options: object) -> None:
        campaigns = Campaign.objects.filter(archived_at=None).order_by("id")
        wrong = sum(recount_coverage(campaign=campaign) for campaign in campaigns)
        self.stdout.write(f"清点完毕，{wrong} 个计数不对{'，已修正' if wrong else ''}。")
