"""A campaign at its end, for the tests of its archiving."""

import uuid
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import end_stage, request_archive
from campaign.tasks import archive
from core.models import Job
from evaluations.choices import Dimension, Grade, RaterGroup, RoundState
from evaluations.models import Round
from evaluations.services import (
    add_codes,
    cast_ballot,
    close_round,
    create_round,
    open_round,
)
from organisation.choices import Role
from organisation.models import User
from tests.evaluations.conftest import rate_all
from tests.personas import World
from tests.visits.appeals import draft
from visits.choices import Handling, Outcome, Way
from visits.services import correct_visit, record_visit

ENOUGH = [Grade.GOOD] * 4 + [Grade.POOR]


def lived_through(world: World) -> None:
    """Visits with appeals, problems at several steps, a rated round: something of everything."""
    for number, target in enumerate(world.households(3)):
        visit = record_visit(
            token=uuid.uuid4(),
            target=target,
            author=world.cadre,
            visited_on=world.today,
            way=Way.values[0],
            outcome=(Outcome.EFFECTIVE, Outcome.ABSENT, Outcome.EMPTY)[number],
            heard="说了很多",
            appeals=[draft("修路", (Handling.ANSWERED, Handling.DISPATCH)[number % 2])],
        )
    correct_visit(
        visit=visit,
        actor=world.cadre,
        seen_version=1,
        reason="选错了",
        visited_on=world.today,
        way=Way.values[1],
        outcome=Outcome.EMPTY,
    )
    for author in (world.cadre, world.colleague):
        filed = world.issue(author)
        for step, actor in (("submit", author), ("confirm", world.head), ("file", world.office)):
            world.move(filed, step, actor)
    rated(world, "年度评议", ENOUGH)
    rated(world, "样本不足", ENOUGH[:3])


def rated(world: World, title: str, peers: list[Grade]) -> Round:
    rating = create_round(
        campaign=world.campaign, unit=world.other_unit, title=title, actor=world.office
    )
    open_round(rating=rating, actor=world.office)
    rate_all(rating, {RaterGroup.SUPERIOR: ENOUGH, RaterGroup.PEER: peers})
    rate_all_served(rating)
    close_round(rating=rating, actor=world.office)
    return rating


def rate_all_served(rating: Round) -> None:
    group = rating.groups.select_related("round").get(group=RaterGroup.SERVED)
    codes = [f"{rating.pk:04d}{number:02d}" + "S" * 20 for number in range(6)]
    add_codes(group=group, batch=uuid.uuid4(), codes=codes)
    for code in codes:
        cast_ballot(typed=code, grades=dict.fromkeys(Dimension, Grade.VERY_GOOD))


def bring_to_its_end(world: World, campaign: Campaign | None = None) -> None:
    """No round is open, and every stage has been ended by name."""
    ended = campaign or world.campaign
    for rating in Round.objects.filter(campaign=ended, state=RoundState.OPEN):
        close_round(rating=rating, actor=world.office)
    for stage in ended.stages.filter(ended_at=None):
        end_stage(stage=stage, actor=world.city_office, reason="到期")


def move_clock(monkeypatch: pytest.MonkeyPatch, campaign: Campaign, days: int = 1) -> datetime:
    """It is so many days after the last of the campaign, at noon."""
    campaign.refresh_from_db()
    day = campaign.ends_on + timedelta(days=days)
    noon = timezone.make_aware(datetime.combine(day, time(12)))
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)
    return noon


def asked(world: World, actor: User | None = None, campaign: Campaign | None = None) -> Job:
    return request_archive(
        campaign=campaign or world.campaign,
        actor=actor or world.city_office,
        today=timezone.localdate(),
    )


def worked_off(job: Job) -> Job:
    archive(job_id=str(job.pk))
    job.refresh_from_db()
    return job


def second_office(world: World) -> User:
    """A colleague in the office of the whole city."""
    return world.person("second_office", world.office_unit, Role.OFFICE, area=world.city)
