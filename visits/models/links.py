"""One-time links on which people answer the call-back themselves (domain §4.5)."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from organisation.models import User
from visits.models.appeals import Voice


class CallBackLink(models.Model):
    """The link of one voice in one round; the code in it is kept as a hash only.

    Making it anew changes the code, so that the former one opens nothing any more.
    """

    voice = models.ForeignKey(Voice, models.PROTECT, related_name="links")
    round = models.PositiveSmallIntegerField("轮次")
    code_hash = models.CharField("校验值", max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="生成人")
    made_at = models.DateTimeField("生成时间", default=timezone.now)
    until = models.DateField("有效期至")
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "回访链接"
        constraints = [
            models.UniqueConstraint(fields=["voice", "round"], name="call_back_link_once_a_round"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(used_at__gte=F("made_at")),
                name="call_back_link_used_after_made",
            ),
        ]

    @property
    def mark(self) -> str:
        """What tells it from another one in its place, on the page that would replace it."""
        return self.code_hash[:12]
