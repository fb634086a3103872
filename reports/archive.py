"""What goes of the reports when a campaign is archived: exported files name problems."""

from collections.abc import Iterator

from campaign.archiving import Drop, Part
from campaign.models import Campaign
from core.models import Job
from reports.services import PROGRESS_KIND


def drops(campaign: Campaign) -> Iterator[Drop]:
    jobs = Job.objects.filter(kind=PROGRESS_KIND, arguments__campaign=campaign.pk)
    yield Drop("进展报告的导出记录和文件", jobs, files="file")


PART = Part(drops=drops)
