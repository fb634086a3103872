"""A filled ledger on its way in (see ``core.uploads``)."""

from django.db import models

from campaign.models import Campaign
from core.uploads import Upload


class LedgerUpload(Upload):
    """An uploaded ledger of problems, for one campaign."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")

    class Meta(Upload.Meta):
        verbose_name = "台账上传"
