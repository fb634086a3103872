"""Supervision slips: one matter each, from receipt to closure (domain §2.4)."""

from django.db import models
from django.db.models import F, Q

from campaign.models import Campaign
from issues.choices import SLIP_OPEN, WITH_UNIT, Pace, SlipReason, SlipState
from issues.models.items import READERS, Issue
from issues.slip_way import RETURNING_STEPS
from organisation.models import Unit, User
from organisation.scope import scope_of
from visits.models import Appeal

TITLE_LENGTH = 60
SIGNED = [SlipState.SIGNED, SlipState.CLOSED]


class SlipQuerySet(models.QuerySet["SupervisionSlip"]):
    def visible_to(self, user: User) -> "SlipQuerySet":
        """Of items one wrote or answers for, and of the units one reviews or belongs to."""
        mine = Q(issue__author=user) | Q(issue__responsible=user) | Q(appeal__handler=user)
        return self.filter(mine | scope_of(user).units(READERS))


class SupervisionSlip(models.Model):
    """One slip on one item or one appeal, numbered without gaps in its campaign and year.

    ``occasion`` is what in the item's life called for it: the same occasion raises no second
    one. Without ``raised_by`` the rule has raised it. ``step_count`` grows with each step, so
    that a step on something else than what was seen is refused.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="slips")
    issue = models.ForeignKey(
        Issue, models.PROTECT, null=True, related_name="slips", verbose_name="督办的问题"
    )
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, related_name="+", verbose_name="督办的诉求"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="承办单位")
    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveIntegerField("编号")
    reason = models.CharField("来源", max_length=12, choices=SlipReason)
    occasion = models.CharField("事由", max_length=36)
    request = models.TextField("办理要求", max_length=500)
    pace = models.CharField("缓急", max_length=10, choices=Pace)
    counted_from = models.DateField("起算日")
    due_on = models.DateField("完成时限")
    raised_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="交办人"
    )
    raised_at = models.DateTimeField("交办时间", auto_now_add=True)
    state = models.CharField("状态", max_length=10, choices=SlipState, default=SlipState.ISSUED)
    step_count = models.PositiveSmallIntegerField("步数", default=0)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="报送人"
    )
    signed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="审签人"
    )
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="审结人"
    )

    objects = SlipQuerySet.as_manager()

    class Meta:
        verbose_name = "督办单"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "year", "number"], name="slip_number_once"),
            models.UniqueConstraint(
                fields=["issue", "reason", "occasion"], name="slip_once_per_occasion"
            ),
            models.UniqueConstraint(
                fields=["issue", "reason"],
                condition=Q(state__in=sorted(SLIP_OPEN)),
                name="slip_one_open_per_reason",
            ),
            models.UniqueConstraint(
                fields=["appeal", "reason", "occasion"], name="slip_once_per_occasion_of_appeal"
            ),
            models.UniqueConstraint(
                fields=["appeal", "reason"],
                condition=Q(state__in=sorted(SLIP_OPEN)),
                name="slip_one_open_per_reason_of_appeal",
            ),
            models.CheckConstraint(
                condition=Q(issue=None, appeal__isnull=False) | Q(issue__isnull=False, appeal=None),
                name="slip_is_on_one_matter",
            ),
            models.CheckConstraint(condition=Q(reason__in=SlipReason.values), name="slip_reason"),
            models.CheckConstraint(condition=Q(pace__in=Pace.values), name="slip_pace"),
            models.CheckConstraint(condition=Q(state__in=SlipState.values), name="slip_state"),
            models.CheckConstraint(condition=~Q(request=""), name="slip_asks_for_something"),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("counted_from")), name="slip_due_after_its_beginning"
            ),
            models.CheckConstraint(
                condition=Q(reason=SlipReason.BY_HAND, raised_by__isnull=False)
                | (~Q(reason=SlipReason.BY_HAND) & Q(raised_by=None)),
                name="slip_is_raised_by_person_or_rule",
            ),
            models.CheckConstraint(
                condition=Q(state__in=SIGNED, answered_by__isnull=False, signed_by__isnull=False)
                | (~Q(state__in=SIGNED) & Q(signed_by=None)),
                name="slip_signed_is_answered",
            ),
            models.CheckConstraint(
                condition=Q(state=SlipState.CLOSED, closed_by__isnull=False)
                | (~Q(state=SlipState.CLOSED) & Q(closed_by=None)),
                name="slip_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("answered_by")),
                name="slip_nobody_signs_own",
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None)
                | (~Q(closed_by=F("answered_by")) & ~Q(closed_by=F("signed_by"))),
                name="slip_nobody_closes_own",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "-id"], name="slip_of_unit"),
            models.Index(fields=["state", "due_on"], name="slip_due"),
        ]

    def __str__(self) -> str:
        return f"督办〔{self.year}〕{self.number}号"

    @property
    def title(self) -> str:
        """The matter in a line. Reads ``issue`` or ``appeal``."""
        if self.issue is not None:
            return self.issue.title
        assert self.appeal is not None
        return self.appeal.content.split("\n")[0][:TITLE_LENGTH]

    @property
    def matter(self) -> str:
        """What it is about by its kind and number."""
        return f"问题 {self.issue.number}" if self.issue is not None else str(self.appeal)

    @property
    def responsible(self) -> User | None:
        """Who answers for the matter; of an appeal whoever took it up himself, if anybody."""
        if self.issue is not None:
            return self.issue.responsible
        return self.appeal.handler if self.appeal is not None else None

    @property
    def has_clock(self) -> bool:
        """Whether it shows a lamp: the unit has not handed its answer in yet."""
        return self.state in WITH_UNIT


class SlipEvent(models.Model):
    """One step of a slip's way; append-only. Without an actor the rule took it."""

    slip = models.ForeignKey(SupervisionSlip, models.PROTECT, related_name="events")
    number = models.PositiveSmallIntegerField("序号")
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="办理人"
    )
    step = models.CharField("步骤", max_length=12)
    label = models.CharField("名称", max_length=20)
    to_state = models.CharField(max_length=10, choices=SlipState)
    note = models.TextField("说明", blank=True)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "督办单经过"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["slip", "number"], name="slip_event_once"),
            models.CheckConstraint(
                condition=Q(to_state__in=SlipState.values), name="slip_event_state"
            ),
        ]

    @property
    def is_return(self) -> bool:
        return self.step in RETURNING_STEPS
