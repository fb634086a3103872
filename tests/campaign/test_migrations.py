"""Migrations that take over the rows of an earlier version."""

from importlib import import_module

from django.apps import apps

from campaign.models import Decision
from campaign.services import end_stage, join, leave
from tests.personas import World

take_over = import_module("campaign.migrations.0005_decisions_so_far").take_over


def test_the_last_decision_on_each_stage_and_unit_is_taken_over(world: World) -> None:
    args = {"today": world.today, "actor": world.city_office}
    row = join(campaign=world.campaign, unit=world.office_unit, reason="新设", **args)
    leave(participant=row, reason="合并", **args)
    stage = end_stage(stage=world.campaign.stages.first(), actor=world.city_office, reason="够了")
    Decision.objects.all().delete()
    take_over(apps, None)
    of_stage, of_unit = Decision.objects.order_by("kind")
    assert (of_unit.kind, of_unit.unit, of_unit.reason) == ("left", world.office_unit, "合并")
    assert (of_stage.kind, of_stage.stage, of_stage.reason) == ("ended", stage, "够了")
    assert (of_stage.made_at, of_stage.made_by) == (stage.ended_at, world.city_office)
