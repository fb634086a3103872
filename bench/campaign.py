"""Times the pages of a campaign in a city of many units; prints the medians as JSON.

Started by bench/run.py in an environment of its own, whose database it fills first: its
second stage runs, half of the tasks are done.
"""

import json
import os
import sys
from datetime import timedelta

import django

from bench.organisation import BATCH, fill
from bench.pages import measure

PEOPLE, UNITS = 20_000, 1_500  # in proportion
DAYS = 30  # of each stage
BEGAN = 40  # days ago


def main(units: int, rounds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import transaction

    with transaction.atomic():
        fill(units * PEOPLE // UNITS, units)
        campaign, unit = _campaign()
    page = f"/campaign/{campaign}/"
    pages = {
        "campaign, office": (page, "office"),
        "campaign, one township": (page, "township"),
        "campaign, liaison": (page, "liaison"),
        "campaign, cadre": (page, "p99"),
        "its units": (f"{page}units/", "office"),
        "its late units": (f"{page}units/?late=1", "office"),
        "its stage": (f"{page}stages/self_examination/", "office"),
        "one unit": (f"{page}units/{unit}/", "office"),
        "one unit, liaison": (f"{page}units/{unit}/", "liaison"),
        "home, office": ("/", "office"),
    }
    print(json.dumps(measure(pages, rounds)))


def _campaign() -> tuple[int, int]:
    """A campaign of all units, and the unit of the liaison, by number."""
    from django.utils import timezone

    from campaign.blueprints import PLANS
    from campaign.choices import Blueprint, StageKind
    from campaign.schedule import windows_from
    from campaign.services import begin_campaign
    from organisation.models import Area, Grant, Unit

    begins = timezone.localdate() - timedelta(days=BEGAN)
    made = begin_campaign(
        plan=PLANS[Blueprint.THREE_VISITS],
        name="作风整顿",
        area=Area.objects.get(parent=None),
        organiser="作风办",
        windows=windows_from(begins, dict.fromkeys(StageKind, DAYS)),
        units=list(Unit.objects.order_by("id")),
        blueprint=Blueprint.THREE_VISITS,
        actor=None,
    )
    for stage in made.stages.all():
        for task in stage.tasks.all():
            _half_done(task)
    return made.pk, Grant.objects.get(user__username="liaison").unit_id


def _half_done(task: object) -> None:
    """Every other of those who have the task has done it."""
    from campaign.choices import GROUPS, Audience
    from campaign.models import TaskDone
    from organisation.models import Unit, User

    whose = {Audience.UNITS: ("unit_id", Unit)} | dict.fromkeys(GROUPS, ("person_id", User))
    if task.audience not in whose:
        return
    column, model = whose[task.audience]
    keys = model.objects.order_by("id").values_list("id", flat=True)[::2]
    TaskDone.objects.bulk_create(
        (TaskDone(task=task, done_on=task.due_on, **{column: key}) for key in keys),
        batch_size=BATCH,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
