"""Who may put an item right in the place of who answers for it."""

from django.db.models import QuerySet
from django.utils import timezone

from issues.models import Issue
from issues.queries.lists import people_of
from organisation.choices import ADMINISTRATORS
from organisation.models import Grant, User


def successors(issue: Issue) -> QuerySet[User]:
    """The others of the item's unit who take part, by name: the people it may be handed to."""
    rights = Grant.objects.current(timezone.localdate()).exclude(role__in=ADMINISTRATORS)
    found = people_of(issue.campaign, issue.unit).filter(pk__in=rights.values("user"))
    return found.exclude(pk=issue.responsible_id).order_by("name", "pk")
