"""The audit trail."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Reads for the audit administrator; ``core.paging.page_of`` shows the newest first."""

    def of_act(self, act: str) -> "AuditEntryQuerySet":
        """One act, as ``"issues.sign_off"``, or with a final dot all acts of an app."""
        return self.filter(act__startswith=act) if act.endswith(".") else self.filter(act=act)

    def by(self, people: object) -> "AuditEntryQuerySet":
        """What these people did: a queryset of people, or any collection of their keys."""
        return self.filter(actor_id__in=people)

    def between(self, begin: datetime | None, end: datetime | None) -> "AuditEntryQuerySet":
        """From ``begin`` on, before ``end``; None leaves a side open."""
        found = self.filter(at__gte=begin) if begin else self
        return found.filter(at__lt=end) if end else found

    def about(self, words: str) -> "AuditEntryQuerySet":
        """Whose subject holds every word; a whole one, as ``"visits.Visit:12"``, is exact."""
        found = self
        for word in words.split():
            exact = "." in word and ":" in word and word[-1].isdecimal()
            found = found.filter(**{f"subject__i{'exact' if exact else 'contains'}": word})
        return found


class AuditEntry(models.Model):
    """One act, written in the same transaction as the act itself.

    Append-only: triggers refuse everything but inserting (``core.append_only``), and each
    entry holds the hash of the one before (``core.audit_chain``). ``id`` is the place in
    the chain, without gaps. The actor has no database constraint: whoever appends holds the
    chain's lock and must not wait for a row of a person.
    """

    class Algorithm(models.TextChoices):
        SHA256 = "sha256", "SHA-256"
        SM3 = "sm3", "SM3"

    id = models.BigIntegerField("编号", primary_key=True)
    at = models.DateTimeField("时间", default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="操作人",
        db_constraint=False,
        db_index=False,
    )
    act = models.CharField("行为", max_length=60)
    subject = models.CharField("对象", max_length=120)
    detail = models.JSONField("详情", default=dict)
    address = models.CharField("网络地址", max_length=45, blank=True, default="")
    algorithm = models.CharField(
        "校验算法", max_length=6, choices=Algorithm, default=Algorithm.SHA256
    )
    previous = models.CharField("前一条校验值", max_length=64, blank=True, default="")
    hash = models.CharField("校验值", max_length=64, default="")

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        constraints = [
            models.CheckConstraint(
                condition=Q(algorithm__in=["sha256", "sm3"]), name="audit_algorithm_known"
            ),
        ]
        indexes = [
            models.Index(fields=["act", "-id"], name="audit_of_act"),
            models.Index(fields=["actor", "-id"], name="audit_of_person"),
            models.Index(fields=["at"], name="audit_at"),
        ]


class AuditHead(models.Model):
    """The end of the chain, one row: locked by whoever appends, so that all wait here."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.BigIntegerField("最后一条编号", default=0)
    hash = models.CharField("最后一条校验值", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "审计链尾"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="audit_head_is_one")]
