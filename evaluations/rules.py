"""Who may do what with rating rounds."""

from core.models import Job
from evaluations.models import READERS, Round
from organisation.choices import Role
from organisation.models import User
from organisation.scope import scope_of


def can_read_rounds(user: User) -> bool:
    """作风办、领导、纪委监委"""
    return scope_of(user).has(*READERS)


def can_create_rounds(user: User) -> bool:
    """作风办"""
    return scope_of(user).has(Role.OFFICE)


def can_manage_round(user: User, rating: Round) -> bool:
    """The office whose scope holds the rated unit. Reads ``rating.unit.area``."""
    return scope_of(user).covers_unit(rating.unit, Role.OFFICE)


def still_manages(user: User, job: Job) -> bool:
    """Whether the person may have the slips that were printed for a round, today."""
    rounds = Round.objects.select_related("unit__area")
    rating = rounds.filter(pk=job.arguments["round"]).first()
    return rating is not None and can_manage_round(user, rating)
