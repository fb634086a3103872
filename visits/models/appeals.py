"""What visited people ask for, and everything that happened to it (domain §4.5)."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from campaign.models import Campaign
from organisation.choices import UNIT_LEADERS, Role
from organisation.models import Area, Unit, User
from organisation.scope import scope_of
from visits.appeal_way import EXTENSION_WORKDAYS, HANDLING_STEPS, RETURNING_STEPS
from visits.choices import (
    AT_ONCE,
    CALLED_BACK,
    DECIDED,
    REACHED,
    RUNNING,
    WITH_UNIT,
    AppealState,
    CallResult,
    CallWay,
    Decision,
    Handling,
    Matter,
)
from visits.models.visits import Visit

APPEAL_READERS = (Role.OFFICE, Role.ORGANISATION, Role.DISCIPLINE)  # the last for its slips
UNIT_HANDLERS = (Role.LIAISON, *sorted(UNIT_LEADERS))  # who answers for a unit's appeals
TOLD_BACK = sorted(CALLED_BACK | {AppealState.ANSWERED, AppealState.SETTLED})


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: User) -> "AppealQuerySet":
        """Raised or handled by oneself, of one's unit, or in the area of one's office."""
        scope = scope_of(user)
        if not scope.takes_part:
            return self.none()
        own = Q(visit__author=user) | Q(handler=user) | scope.units(UNIT_HANDLERS)
        helped = Appeal.assisting.through.objects.filter(scope.units(UNIT_HANDLERS))
        own |= Q(pk__in=helped.values("appeal"))
        return self.filter(own | scope.areas(APPEAL_READERS))


class Appeal(models.Model):
    """What visited people ask for, and how it is taken up; numbered in its campaign.

    ``due_on`` is the deadline of the clock that runs in this state: ``workdays`` working days
    after ``counted_from``. Without ``counted_from`` nobody reckoned it, and it stays. A merged one
    keeps the clock that it had, for the case that it is taken out again; it does not run.
    ``designated``: a unit has returned it, or the office has taken it from one, so that the
    present unit keeps it. ``signed_in_time`` and ``answered_in_time`` stay False once they are,
    also where it left an overdue unit by another way than signing or answering.
    ``result`` and ``solved`` are what the last round of call-backs came to. ``step_count`` grows
    with each step, so that a step on something else than what was seen is refused.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="appeals")
    number = models.PositiveIntegerField("编号")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="appeals")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name="主办单位"
    )
    assisting = models.ManyToManyField(Unit, related_name="+", verbose_name="协办单位")
    handler = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="承办人"
    )
    category = models.CharField("类别", max_length=12, choices=Matter, blank=True)
    content = models.CharField("诉求", max_length=500)
    handling = models.CharField("处理方式", max_length=12, choices=Handling)
    state = models.CharField("状态", max_length=12, choices=AppealState)
    step_count = models.PositiveSmallIntegerField("步数", default=0)
    issued_on = models.DateField("派单日期", null=True)
    counted_from = models.DateField("起算日", null=True)
    workdays = models.PositiveSmallIntegerField("工作日数", null=True)
    due_on = models.DateField("时限", null=True)
    designated = models.BooleanField("已指定", default=False)
    redo_count = models.PositiveSmallIntegerField("重办次数", default=0)
    signed_in_time = models.BooleanField("按时签收", null=True)
    answered_in_time = models.BooleanField("按时答复", null=True)
    answer = models.TextField("答复", max_length=1000, blank=True)
    hotline_number = models.CharField("12345工单号", max_length=40, blank=True)
    result = models.CharField("回访结果", max_length=12, choices=CallResult, blank=True)
    solved = models.BooleanField("已解决", null=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged", verbose_name="并入"
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = "诉求"
        constraints = [
            models.CheckConstraint(
                condition=Q(handling__in=Handling.values), name="appeal_handling"
            ),
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="appeal_state"),
            models.CheckConstraint(
                condition=Q(category__in=["", *Matter.values]), name="appeal_category"
            ),
            models.CheckConstraint(
                condition=Q(result__in=["", *CallResult.values]), name="appeal_result"
            ),
            models.UniqueConstraint(fields=["campaign", "number"], name="appeal_number_once"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(RUNNING)) | Q(due_on__isnull=False),
                name="appeal_open_has_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(WITH_UNIT)) | Q(unit__isnull=False),
                name="appeal_with_unit_has_one",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=TOLD_BACK) | ~Q(answer=""), name="appeal_answered_by_words"
            ),
            models.CheckConstraint(
                condition=~Q(state=AppealState.HOTLINE) | ~Q(hotline_number=""),
                name="appeal_hotline_has_number",
            ),
            models.CheckConstraint(
                condition=Q(state=AppealState.MERGED, merged_into__isnull=False)
                | (~Q(state=AppealState.MERGED) & Q(merged_into=None)),
                name="appeal_merged_into_another",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "-id"], name="appeal_of_unit"),
            models.Index(fields=["state", "-id"], name="appeal_by_state"),
            models.Index(fields=["state", "due_on"], name="appeal_due"),
        ]

    def __str__(self) -> str:
        return f"诉求{self.number}号"

    @property
    def is_answer_of_visitor(self) -> bool:
        """Whether the answer was given on the spot, and nobody has been sent it since."""
        return self.handling in AT_ONCE and not self.redo_count

    @property
    def has_clock(self) -> bool:
        """Whether it shows a lamp."""
        return self.state in RUNNING


class AnswerSeed(models.Model):
    """By what one in ten of a campaign's answers given on the spot is drawn for a call-back.

    No page shows it while the campaign runs: who knew it could foresee the draw. Who may read the
    database can repeat every one of them.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="+")
    seed = models.CharField("种子", max_length=32)

    class Meta:
        verbose_name = "当场答复抽查种子"


class Voice(models.Model):
    """One person's call for an appeal, in the words of that visit; merging keeps every one."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="voices")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    raised_as = models.OneToOneField(Appeal, models.PROTECT, related_name="own_voice")
    content = models.CharField("诉求", max_length=500)

    class Meta:
        verbose_name = "诉求人"
        ordering = ["id"]


class AppealEvent(models.Model):
    """One step of an appeal's way; append-only. ``unit``: for whom the actor took it.

    ``late_to_sign`` and ``late_to_answer``: the unit whose clock had run out when it was taken.
    """

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="events")
    number = models.PositiveSmallIntegerField("序号")
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="办理人"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    step = models.CharField("步骤", max_length=16)
    label = models.CharField("名称", max_length=20)
    to_state = models.CharField(max_length=12, choices=AppealState)
    note = models.TextField("说明", max_length=1000, blank=True)
    internal = models.TextField("内部说明", max_length=1000, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)
    late_to_sign = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name="超时签收的单位"
    )
    late_to_answer = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name="超时答复的单位"
    )

    class Meta:
        verbose_name = "诉求经过"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["appeal", "number"], name="appeal_event_once"),
            models.CheckConstraint(
                condition=Q(to_state__in=AppealState.values), name="appeal_event_state"
            ),
        ]
        indexes = [models.Index(fields=["unit", "step"], name="appeal_event_of_unit")]

    @property
    def is_return(self) -> bool:
        return self.step in RETURNING_STEPS

    @property
    def is_handling(self) -> bool:
        return self.step in HANDLING_STEPS


class CallBack(models.Model):
    """What one person said, or that nobody was reached; of the round after so many redoings.

    Of an answer given on a link ``caller`` is who made the link. Never by who handled the
    appeal or by anybody of a unit that did: the database holds it too (migration
    ``appeals_hold``).
    """

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="call_backs")
    voice = models.ForeignKey(Voice, models.PROTECT, related_name="call_backs")
    round = models.PositiveSmallIntegerField("轮次")
    attempt = models.PositiveSmallIntegerField("第几次")
    caller = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="回访人")
    way = models.CharField("方式", max_length=8, choices=CallWay)
    result = models.CharField("结果", max_length=12, choices=CallResult)
    solved = models.BooleanField("已解决", null=True)
    said = models.TextField("群众说的话", max_length=500, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "回访"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["voice", "round", "attempt"], name="call_back_attempt_once"
            ),
            models.CheckConstraint(condition=Q(way__in=CallWay.values), name="call_back_way"),
            models.CheckConstraint(
                condition=Q(result__in=CallResult.values), name="call_back_result"
            ),
            models.CheckConstraint(
                condition=Q(result__in=sorted(REACHED), solved__isnull=False)
                | Q(result=CallResult.UNREACHABLE, solved=None),
                name="call_back_reached_says_whether_solved",
            ),
            models.CheckConstraint(
                condition=~Q(result=CallResult.DISSATISFIED) | ~Q(said="") | Q(way=CallWay.LINK),
                name="call_back_dissatisfied_says_why",
            ),
        ]


class AppealPause(models.Model):
    """The clock stands while the unit waits for the person; so many working days are left."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="pauses")
    paused_on = models.DateField("停止日")
    workdays_left = models.PositiveSmallIntegerField("剩余工作日")
    resumed_on = models.DateField("继续日", null=True)

    class Meta:
        verbose_name = "等待补充"
        constraints = [
            models.UniqueConstraint(
                fields=["appeal"], condition=Q(resumed_on=None), name="appeal_pause_one_open"
            ),
            models.CheckConstraint(
                condition=Q(resumed_on=None) | Q(resumed_on__gte=F("paused_on")),
                name="appeal_pause_ends_after_it_begins",
            ),
        ]


class AppealExtension(models.Model):
    """More working days for one appeal: asked for once, decided by the office.

    What nobody had decided when the unit's clock ended is moot, and counts as not asked.
    """

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="extensions")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间", auto_now_add=True)
    workdays = models.PositiveSmallIntegerField("延长工作日")
    reason = models.CharField("原因", max_length=200)
    decision = models.CharField("决定", max_length=10, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="决定人"
    )
    decided_at = models.DateTimeField("决定时间", null=True)
    note = models.CharField("意见", max_length=200, blank=True)

    class Meta:
        verbose_name = "诉求延期"
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["", *Decision.values]), name="appeal_extension_decision"
            ),
            models.CheckConstraint(
                condition=Q(workdays__range=(1, EXTENSION_WORKDAYS)),
                name="appeal_extension_in_bounds",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="appeal_extension_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | Q(decision=Decision.MOOT, decided_by=None, decided_at__isnull=False)
                | Q(decision__in=DECIDED, decided_by__isnull=False, decided_at__isnull=False),
                name="appeal_extension_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["appeal"],
                condition=~Q(decision=Decision.MOOT),
                name="appeal_extension_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="appeal_extension_nobody_grants_own",
            ),
        ]
