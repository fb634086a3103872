"""Times the morning at which many deadlines fall due at once; prints the figures as JSON.

Started by bench/run.py in an environment of its own: ``fill`` makes the people and their
problems, ``tell`` looks for the day's reminders and sends them, in a process of its own so
that its memory can be read.
"""

import json
import os
import resource
import sys
import time
from datetime import date

import django

from bench.organisation import BATCH, SINCE

MORNING, DUE = date(2030, 3, 14), date(2030, 3, 15)  # a Thursday and the Friday
PER_PERSON = 2.5


def fill(items: int) -> None:
    """So many problems that are due the same day, two or three for each person."""
    from django.db import transaction

    from bench.organisation import _fill
    from issues.models import Issue
    from organisation.models import User

    with transaction.atomic():
        _fill(int(items / PER_PERSON))
        campaign, category = _campaign()
        people = list(User.objects.filter(username__startswith="p").values_list("pk", "unit"))
        Issue.objects.bulk_create(
            (
                _issue(n, *people[n % len(people)], campaign=campaign, category=category)
                for n in range(items)
            ),
            batch_size=BATCH,
        )


def tell() -> dict[str, float]:
    """Seconds, rows and memory of one run; the floor writes the same rows and nothing else."""
    from core.models import Notice, Reminder
    from core.notices import outbox
    from tests.telling import at

    before = _peak()
    began = time.perf_counter()
    outbox.tell(at(MORNING))
    seconds = time.perf_counter() - began
    rows = Reminder.objects.count()
    return {
        "reminders": rows,
        "messages": Notice.objects.count(),
        "seconds": seconds,
        "rows per second": rows / seconds,
        "MB before": before,
        "MB at most": _peak(),
        "x floor": seconds / _floor(),
    }


def _floor() -> float:
    """Seconds to insert copies of the reminders alone, as many at a time."""
    from core.models import Reminder
    from core.notices.reminders import BATCH as SOME

    rows = list(Reminder.objects.all())
    for row in rows:
        row.pk, row.event = None, f"floor:{row.event}"
    began = time.perf_counter()
    for start in range(0, len(rows), SOME):
        Reminder.objects.bulk_create(rows[start : start + SOME])
    return time.perf_counter() - began


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _campaign() -> tuple[object, object]:
    from campaign.models import Campaign, Category, Taxonomy
    from organisation.models import Area

    area = Area.objects.get(parent=None)
    campaign = Campaign.objects.create(
        name="专项行动", area=area, organiser="作风办", starts_on=SINCE, ends_on=date(2031, 1, 1)
    )
    taxonomy = Taxonomy.objects.create(campaign=campaign, name="类别", kind="problem")
    return campaign, Category.objects.create(taxonomy=taxonomy, number=1, name="推诿扯皮")


def _issue(number: int, person: int, unit: int, *, campaign: object, category: object) -> object:
    from issues.models import Issue

    return Issue(
        campaign=campaign,
        unit_id=unit,
        author_id=person,
        responsible_id=person,
        category=category,
        title=f"问题{number}",
        happened_on=SINCE,
        place="窗口",
        event="压了九天",
        cause="不急",
        root_cause="没有意识",
        direction="当天办",
        measures="每天清",
        due_on=DUE,
        state="rectifying",
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]))
    else:
        print(json.dumps(tell()))
