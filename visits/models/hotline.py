"""Results of 12345 on their way in (see ``core.uploads``)."""

from django.db import models

from campaign.models import Campaign
from core.uploads import Upload


class HotlineUpload(Upload):
    """An uploaded workbook of results, for one campaign."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")

    class Meta(Upload.Meta):
        verbose_name = "12345结果上传"
