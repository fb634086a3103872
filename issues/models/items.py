"""Problem items with their text versions, history and evidence."""

import hashlib
import json
from datetime import date

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from campaign.models import Campaign, Category
from core.lights import bounds_on, lights_on
from issues.choices import (
    APPLIED,
    FILED,
    NOT_HANDED_IN,
    RUNNING,
    SETTLED,
    Kind,
    Level,
    Nature,
    Source,
    State,
)
from issues.workflow import RETURNS
from organisation.choices import Role
from organisation.models import Unit, User
from organisation.scope import scope_of

READERS = (Role.LIAISON, Role.UNIT_HEAD, Role.DEPUTY, Role.OFFICE, Role.DISCIPLINE)
LIST_KEEPERS = (Role.LIAISON, Role.UNIT_HEAD, Role.DEPUTY)  # write the list of their unit
LIST_READERS = (*READERS, Role.LEADER)
TEXT_FIELDS = (
    "title",
    "happened_on",
    "place",
    "event",
    "affected",
    "cause",
    "root_cause",
    "direction",
    "measures",
    "kind",
    "due_on",
)


class IssueQuerySet(models.QuerySet["Issue"]):
    def visible_to(self, user: User) -> "IssueQuerySet":
        """Own items, and what was submitted for which one answers or holds a reviewing role.

        A draft is its author's alone, also one withdrawn without ever being submitted; that
        of a unit is open to all who keep the unit's list. Leaders read the items of units.
        """
        scope = scope_of(user)
        submitted = IssueEvent.objects.filter(issue=OuterRef("pk"), to_state=State.SUBMITTED)
        shared = ~Q(state__in=[State.DRAFT, State.WITHDRAWN]) | Q(
            Exists(submitted), state=State.WITHDRAWN
        )
        theirs = Q(responsible=user) | scope.units(READERS)
        theirs |= Q(level=Level.UNIT) & scope.units([Role.LEADER])
        kept = Q(level=Level.UNIT) & scope.units(LIST_KEEPERS)
        return self.filter(Q(author=user) | kept | (theirs & shared))

    def in_area(self, path: str) -> "IssueQuerySet":
        """Items of units responsible for that area or a part of it."""
        return self.filter(unit__area__path__under=path)

    def with_lights(self, today: date) -> "IssueQuerySet":
        """Each with its ``light``, reckoned from the deadline; empty before it is handed in."""
        lamp = lights_on(
            today,
            running=Q(state__in=RUNNING),
            applied=Q(state__in=APPLIED),
            closed=Q(state__in=SETTLED),
            behind=is_behind(today),
        )
        return self.annotate(light=lamp)

    def with_behind(self, today: date) -> "IssueQuerySet":
        """Each with ``is_behind``, for the lamp of a row."""
        behind = ExpressionWrapper(is_behind(today), output_field=models.BooleanField())
        return self.annotate(is_behind=behind)

    def with_returned(self) -> "IssueQuerySet":
        """Each with ``is_returned``, for the word of a row."""
        returned = ExpressionWrapper(is_returned(), output_field=models.BooleanField())
        return self.annotate(is_returned=returned)

    def handed_in(self) -> "IssueQuerySet":
        """What others may count and compare: neither drafts nor what was taken back."""
        return self.exclude(state__in=NOT_HANDED_IN)

    def filed(self) -> "IssueQuerySet":
        return self.filter(state__in=FILED)


class Issue(models.Model):
    """One problem, of a person or of a unit, from draft to sign-off.

    Columns hold the latest text; every saved text is also an ``IssueVersion``. The form
    brings ``token``, so that sending it twice saves one item.
    """

    token = models.UUIDField("提交号", null=True, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="issues")
    level = models.CharField("层级", max_length=10, choices=Level, default=Level.PERSONAL)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="issues", verbose_name="单位")
    author = models.ForeignKey(User, models.PROTECT, related_name="issues", verbose_name="填报人")
    responsible = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="整改责任人"
    )
    leader = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="责任领导"
    )
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name="类别")
    source = models.CharField("来源", max_length=12, choices=Source, default=Source.SELF)
    nature = models.CharField("性质", max_length=12, choices=Nature, default=Nature.INDIVIDUAL)
    title = models.CharField("问题", max_length=60)
    happened_on = models.DateField("时间", null=True, blank=True)
    place = models.CharField("地点", max_length=60, blank=True)
    event = models.TextField("事情经过", max_length=1000, blank=True)
    affected = models.CharField("涉及对象", max_length=100, blank=True)
    cause = models.TextField("作风上的原因", max_length=500, blank=True)
    root_cause = models.TextField("根源", max_length=500, blank=True)
    direction = models.CharField("整改方向", max_length=200, blank=True)
    measures = models.TextField("整改措施", max_length=1000, blank=True)
    kind = models.CharField("整改类型", max_length=12, choices=Kind, default=Kind.BY_DATE)
    due_on = models.DateField("整改时限", null=True, blank=True)
    state = models.CharField("状态", max_length=16, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    evidence_count = models.PositiveIntegerField("佐证数", default=0)
    extension_count = models.PositiveSmallIntegerField("延期次数", default=0)
    relapse_count = models.PositiveSmallIntegerField("反弹次数", default=0)
    unit_signed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="单位审签人"
    )
    signed_off_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="销号人"
    )
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    closed_at = models.DateTimeField("销号时间", null=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = "问题"
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="issue_level"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="issue_source"),
            models.CheckConstraint(condition=Q(nature__in=Nature.values), name="issue_nature"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="issue_kind"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="issue_state"),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.WITHDRAWN])
                | (
                    Q(happened_on__isnull=False, due_on__isnull=False)
                    & ~Q(place="")
                    & ~Q(event="")
                    & ~Q(cause="")
                    & ~Q(root_cause="")
                    & ~Q(direction="")
                    & ~Q(measures="")
                ),
                name="issue_concrete_once_submitted",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=sorted(SETTLED),
                    closed_at__isnull=False,
                    signed_off_by__isnull=False,
                )
                | (~Q(state__in=sorted(SETTLED)) & Q(closed_at=None, signed_off_by=None)),
                name="issue_closed_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(signed_off_by=None)
                | (~Q(signed_off_by=F("author")) & ~Q(signed_off_by=F("responsible"))),
                name="issue_nobody_signs_off_own",
            ),
            models.CheckConstraint(
                condition=Q(unit_signed_by=None)
                | (~Q(unit_signed_by=F("author")) & ~Q(unit_signed_by=F("responsible"))),
                name="issue_nobody_unit_signs_own",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "-id"], name="issue_ledger"),
            models.Index(fields=["author", "state", "-id"], name="issue_own"),
            # Each order of the ledger, and of the queue of those who review.
            models.Index(fields=["state", "due_on", "id"], name="issue_queue"),
            models.Index(fields=["campaign", "-id"], name="issue_newest"),
            models.Index(fields=["campaign", "due_on", "id"], name="issue_by_due"),
            models.Index(fields=["campaign", "unit", "id"], name="issue_by_unit"),
            models.Index(fields=["campaign", "state", "-id"], name="issue_state_newest"),
            models.Index(fields=["campaign", "state", "due_on", "id"], name="issue_state_by_due"),
            # What few items are, in each order.
            models.Index(
                fields=["campaign", "-id"],
                condition=Q(relapse_count__gt=0),
                name="issue_relapsed",
            ),
            models.Index(
                fields=["campaign", "-id"],
                condition=Q(extension_count__gt=0),
                name="issue_extended",
            ),
        ]

    @property
    def number(self) -> str:
        """The number on lists and slips; one number for the item's whole life."""
        return f"W{self.pk:06d}"

    @property
    def has_clock(self) -> bool:
        """Whether it shows a lamp: handed in and not signed off yet."""
        return self.state in RUNNING | APPLIED

    @property
    def is_applied(self) -> bool:
        """Whether its sign-off was applied for."""
        return self.state in APPLIED


class IssueVersion(models.Model):
    """The text of an item as it was saved; append-only."""

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("时间", auto_now_add=True)
    text = models.JSONField("内容")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "问题版本"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "number"], name="issue_version_once"),
        ]


def with_missed_milestones(today: date) -> list[int]:
    """The items of plans, also of former ones, that passed a milestone without a result."""
    return list(_missed(today).values_list("issue", flat=True))


def _missed(today: date) -> QuerySet["IssueVersion"]:
    return IssueVersion.objects.filter(
        long_term__milestones__due_on__lt=bounds_on(today).red_before,
        long_term__milestones__achievement=None,
    )


def is_behind(today: date) -> Q:
    """Long-term items being put right that have passed a milestone without a result."""
    missed = _missed(today).filter(issue=OuterRef("pk"), number=OuterRef("version"))
    return Q(Exists(missed), kind=Kind.LONG_TERM, state=State.RECTIFYING)


def is_returned() -> Q:
    """Drafts that came back and wait for their writer."""
    back = IssueEvent.objects.filter(issue=OuterRef("pk"), move__in=sorted(RETURNS))
    return Q(state=State.DRAFT) & Q(Exists(back))


class IssueEvent(models.Model):
    """One step of an item's way; append-only. ``content_hash`` binds what was seen."""

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="events")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    move = models.CharField("步骤", max_length=16)
    label = models.CharField("名称", max_length=20)
    from_state = models.CharField(max_length=16, choices=State, blank=True)
    to_state = models.CharField(max_length=16, choices=State)
    note = models.TextField("说明", blank=True)
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "问题经过"
        ordering = ["id"]

    @property
    def is_return(self) -> bool:
        return self.move in RETURNS


def hash_of(content: object) -> str:
    """SHA-256 (hex) of the canonical JSON of ``content``."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
