"""Files that show what was done, with those that were exchanged or taken back."""

from django.db import models
from django.db.models import Q

from issues.models.items import Issue, IssueEvent
from organisation.models import User


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def current(self) -> "EvidenceQuerySet":
        """What counts and is signed; the rest is history."""
        return self.filter(dropped_at=None)


class Evidence(models.Model):
    """A file that shows what was done; checked and rebuilt before it is kept.

    A newer one ``replaces`` it, or it is taken back with a reason: the row and the file stay.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="evidence")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    file = models.FileField("文件", upload_to="evidence/%Y/%m/")
    thumb = models.FileField("缩略图", upload_to="evidence/%Y/%m/", blank=True)
    name = models.CharField("文件名", max_length=100)
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField(max_length=64)
    note = models.CharField("说明", max_length=100, blank=True)
    uploaded_at = models.DateTimeField("时间", auto_now_add=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="newer", verbose_name="换下的旧件"
    )
    dropped_at = models.DateTimeField("换下或收回时间", null=True)
    dropped_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="换下或收回人"
    )
    dropped_why = models.CharField("换下或收回的原因", max_length=100, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "佐证"
        ordering = ["id"]
        indexes = [models.Index(fields=["sha256"], name="evidence_same_file")]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "sha256"],
                condition=Q(dropped_at=None),
                name="evidence_once_per_issue",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by=None)
                | (Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(dropped_why="")),
                name="evidence_is_dropped_by_somebody",
            ),
        ]

    @property
    def tile(self) -> str:
        """What kind of file it is, where no small picture is shown."""
        suffix = self.name.rpartition(".")[2].lower()
        return {"pdf": "PDF", "docx": "Word", "xlsx": "Excel"}.get(suffix, "图片")


class EvidenceWish(models.Model):
    """What a reviewer who sent an item back would like to see, and why it is needed.

    Never asked of a reviewer, and no demand on who puts right (domain §6.3 N4).
    """

    event = models.OneToOneField(IssueEvent, models.PROTECT, primary_key=True, related_name="wish")
    why = models.CharField("为什么需要它", max_length=200)

    class Meta:
        verbose_name = "想看的佐证"
