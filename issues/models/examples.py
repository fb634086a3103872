"""Good examples: what a closed item can teach, without saying whose it was."""

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from issues.choices import Ending
from issues.models.items import Issue
from organisation.models import User

EXAMPLE_TEXT = ("title", "before", "why", "how", "after")


class GoodExampleQuerySet(models.QuerySet["GoodExample"]):
    def shown(self) -> "GoodExampleQuerySet":
        """Those that nobody has taken down."""
        return self.filter(ending="")

    def visible_to(self, user: User) -> "GoodExampleQuerySet":
        """What stands in the campaigns in which the person has a part."""
        campaigns = Campaign.objects.visible_to(user).filter(archived_at=None)
        return self.shown().filter(issue__campaign__in=campaigns)


class GoodExample(models.Model):
    """A closed item told anew without names, for everybody who takes part in its campaign.

    The words are a copy which the office has checked; readers learn nothing of ``issue`` but
    its category. Taken down by its author or the office, or by the item's relapse.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="examples")
    title = models.CharField("问题", max_length=60)
    before = models.TextField("整改前", max_length=1200)
    why = models.TextField("为什么", max_length=1200)
    how = models.TextField("怎么改的", max_length=1400)
    after = models.TextField("整改后", max_length=1200)
    chosen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="选定人")
    chosen_at = models.DateTimeField("选定时间", auto_now_add=True)
    ending = models.CharField("撤下原因", max_length=10, choices=Ending, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="撤下人"
    )
    ended_at = models.DateTimeField("撤下时间", null=True)

    objects = GoodExampleQuerySet.as_manager()

    class Meta:
        verbose_name = "好示例"
        constraints = [
            models.UniqueConstraint(
                fields=["issue"], condition=Q(ending=""), name="good_example_one_shown"
            ),
            models.CheckConstraint(
                condition=Q(ending__in=[*Ending.values, ""]), name="good_example_ending"
            ),
            models.CheckConstraint(
                condition=Q(ending="", ended_by=None, ended_at=None)
                | (~Q(ending="") & Q(ended_by__isnull=False, ended_at__isnull=False)),
                name="good_example_is_ended_by_somebody",
            ),
        ]
