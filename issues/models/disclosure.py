"""Own disclosure: that somebody came forward, and when."""

from django.db import models

from issues.models.items import Issue
from organisation.models import User


class Disclosure(models.Model):
    """主动说明: the author told of it before anybody found it (政务处分法 §11).

    The first moment stays, through returns and later versions (triggers); ``text_sha256`` is
    that of the version handed in then. The software only keeps the moment; it decides nothing.
    """

    issue = models.OneToOneField(Issue, models.PROTECT, related_name="disclosure")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="说明人")
    disclosed_at = models.DateTimeField("时间", auto_now_add=True)
    text_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "主动说明"
