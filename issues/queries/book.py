"""A cadre's own book of mistakes, which nobody else reads (domain §1.6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from django.db.models import Count, Prefetch, QuerySet, Window

from campaign.models import Campaign, Category
from core.files import IMAGE_SUFFIXES
from issues.choices import Level, State
from issues.models import Evidence, GoodExample, Issue, IssueEvent, LookBack
from organisation.models import User

EARLIER_SHOWN = 5
EXAMPLES_SHOWN = 3


def book_of(user: User) -> QuerySet[Issue]:
    """The person's own problems, drafts too, in campaigns that are not archived."""
    own = Issue.objects.filter(author=user, level=Level.PERSONAL, campaign__archived_at=None)
    return own.exclude(state=State.WITHDRAWN).select_related("category", "campaign", "unit")


def campaigns_of_book(user: User) -> list[Campaign]:
    """Those for which something stands in the book, the latest to begin first."""
    written = book_of(user).values("campaign")
    return list(Campaign.objects.filter(pk__in=written).order_by("-starts_on", "-id"))


@dataclass(frozen=True)
class Leaf:
    """One page of the book: the problem, and how well it was put right."""

    issue: Issue
    applied: IssueEvent | None  # the latest application for its sign-off
    look_back: LookBack | None  # the latest that found something
    photos: Sequence[Evidence]
    papers: Sequence[Evidence]


def leaves(issues: QuerySet[Issue]) -> Iterable[Leaf]:
    """The pages of these, in their order; three queries for all of them."""
    applied = IssueEvent.objects.filter(move="apply").order_by("-id")
    found = LookBack.objects.exclude(finding="").order_by("-id")
    ready = issues.prefetch_related(
        Prefetch("events", applied),
        Prefetch("look_backs", found),
        Prefetch("evidence", Evidence.objects.current()),
    )
    return map(_leaf, ready)


def _leaf(issue: Issue) -> Leaf:
    evidence = list(issue.evidence.all())
    return Leaf(
        issue,
        next(iter(issue.events.all()), None),
        next(iter(issue.look_backs.all()), None),
        [each for each in evidence if is_photo(each)],
        [each for each in evidence if not is_photo(each)],
    )


def is_photo(evidence: Evidence) -> bool:
    """Whether it is a picture, which was rebuilt when it came in."""
    return PurePath(evidence.name).suffix.lower() in IMAGE_SUFFIXES


@dataclass(frozen=True)
class Lessons:
    """What there is to learn from in one category: own earlier problems, and good examples."""

    category: Category
    earlier: Sequence[Issue]
    nth: int  # the problem at hand, counted with all earlier ones of the category
    examples: Sequence[GoodExample]


def lessons(user: User, category: Category, *, at: Issue | None = None) -> Lessons:
    """For the author of ``at``, or of a problem not written yet; two queries."""
    earlier = book_of(user).filter(category__name=category.name)
    if at is not None:
        earlier = earlier.filter(pk__lt=at.pk)
    counted = earlier.annotate(number_of_all=Window(Count("pk")))
    shown = list(counted.order_by("-pk")[:EARLIER_SHOWN])
    before = shown[0].number_of_all if shown else 0
    examples = GoodExample.objects.visible_to(user).filter(issue__category__name=category.name)
    return Lessons(category, shown, before + 1, list(examples.order_by("-id")[:EXAMPLES_SHOWN]))
