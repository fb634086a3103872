"""Times the ledger and the queues of reviewers among many problems; prints the medians as JSON.

Started by bench/run.py in an environment of its own, whose database it fills first: 1,500 units,
items in the states of a campaign in its second half, nothing to compare by. A database server
is told to look at its tables as it does by itself in the night; SQLite is left as it is.
"""

import json
import os
import random
import sys
from datetime import timedelta

import django

from bench.filling import Figures, filled_once
from bench.organisation import BATCH, SINCE
from bench.pages import measure

PER_PERSON = 50
AT_ONCE = 20_000  # items in one transaction
STATES = {  # of a thousand
    "draft": 30,
    "submitted": 10,
    "confirmed": 10,
    "rectifying": 350,
    "applied": 10,
    "unit_signed": 10,
    "office_passed": 3,
    "closed": 450,
    "consolidated": 120,
    "withdrawn": 7,
}
SOURCES = ("self", "superior", "inspection", "countryside", "visits", "petition", "television")
SHARES = (60, 12, 8, 6, 6, 6, 2)
LEVELS, NATURES, KINDS = ("personal", "unit"), ("individual", "common", "sign"), ("by_date",)
CATEGORIES = 10


def main(items: int, rounds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    filled_once(lambda: _fill(items))
    print(json.dumps(measure(_pages(), rounds)))


def _pages() -> dict[str, tuple[str, str]]:
    """Every page as its reader finds it, one from the middle of each order."""
    from core.paging import Order
    from issues.models import Issue
    from organisation.models import User
    from tests.searching import sealed

    total = Issue.objects.count()
    middle = Issue.objects.order_by("id")[total // 2]
    due = Issue.objects.exclude(due_on=None).order_by("due_on", "id")[total // 2]
    by_due, by_unit = Order("due_on", nullable=True), Order("unit_id")
    assert User.objects.filter(username="discipline").exists()
    at = {"due": by_due.position(due), "unit": by_unit.position(middle)}
    return {
        "office": ("/issues/", "office"),
        "township": ("/issues/", "township"),
        "one unit": ("/issues/", "liaison"),
        "a cadre": ("/issues/", "p2000"),
        "deep": (f"/issues/?after={middle.pk}", "office"),
        "by deadline": ("/issues/?sort=due", "office"),
        "by deadline, deep": (f"/issues/?sort=due&after={at['due']}", "office"),
        "by unit, deep": (f"/issues/?sort=unit&after={at['unit']}", "office"),
        "under way": ("/issues/?state=under_way", "office"),
        "to be filed": ("/issues/?state=confirmed", "office"),
        "late": ("/issues/?light=red", "office"),
        "late, by deadline": ("/issues/?light=red&sort=due", "office"),
        "near, by deadline": ("/issues/?light=yellow&sort=due", "township"),
        "near, office": ("/issues/?light=yellow&sort=due", "office"),
        "extended, office": ("/issues/?extended=on", "office"),
        "of unit level, office": ("/issues/?level=unit&state=closed", "office"),
        "relapsed": ("/issues/?relapsed=on", "office"),
        "extended": ("/issues/?extended=on", "township"),
        "disclosed": ("/issues/?disclosed=on", "office"),
        "by source and nature": ("/issues/?source=television&nature=sign", "office"),
        "a subtree": (sealed("/issues/?unit=单位770"), "office"),
        "of unit level": ("/issues/?level=unit&state=closed", "township"),
        "queue, office": ("/issues/?waiting=on", "office"),
        "queue, township": ("/issues/?waiting=on", "township"),
        "queue, head": ("/issues/?waiting=on", "p20"),
        "queue, discipline": ("/issues/?waiting=on", "discipline"),
        "by words": (sealed("/issues/?words=压了九天77"), "office"),
    }


def _fill(items: int) -> Figures:
    from django.db import connection, transaction

    from bench.notices import _campaign
    from bench.organisation import fill
    from campaign.models import Category
    from issues.models import Issue
    from organisation.models import Area, Grant, User

    with transaction.atomic():
        fill(max(items // PER_PERSON, 3000))
        campaign, first = _campaign()
        rest = [
            Category.objects.create(taxonomy=first.taxonomy, number=n, name=f"类别{n}")
            for n in range(2, CATEGORIES + 1)
        ]
        city = Area.objects.get(parent=None)
        reader = User.objects.create(username="discipline", name="纪委", unit_id=1)
        Grant.objects.create(user=reader, role="discipline", since=SINCE, area=city)
    people = list(User.objects.filter(username__startswith="p").values_list("pk", "unit"))
    made = _items(items, people, campaign.pk, [first.pk, *(each.pk for each in rest)], reader.pk)
    for start in range(0, items, AT_ONCE):
        some = [Issue(**next(made)) for _ in range(min(AT_ONCE, items - start))]
        with transaction.atomic():
            Issue.objects.bulk_create(some, batch_size=BATCH)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return {}


def _items(number, people, campaign, categories, signer):  # type: ignore[no-untyped-def]
    """Columns of items, the same for the same number."""
    from django.utils import timezone

    chance = random.Random(1)
    today, signed = timezone.localdate(), timezone.now()
    states = chance.choices(list(STATES), list(STATES.values()), k=number)
    for n, state in enumerate(states):
        person, unit = people[chance.randrange(len(people))]
        settled = state in {"closed", "consolidated"}
        yield {
            "campaign_id": campaign,
            "unit_id": unit,
            "author_id": person,
            "responsible_id": person,
            "category_id": chance.choice(categories),
            "level": LEVELS[n % 10 == 0],
            "source": chance.choices(SOURCES, SHARES)[0],
            "nature": chance.choices(NATURES, (70, 25, 5))[0],
            "title": f"窗口压了九天{n}",
            "happened_on": SINCE,
            "place": "窗口",
            "event": "群众来补办证明，我压了九天没有录入，他先后跑了三趟才办成。" * 4,
            "cause": "觉得不是急件，先忙了手上的报表。" * 3,
            "root_cause": "没有限时办结的意识。",
            "direction": "当天录入、三天办结。",
            "measures": "每天下班前清一遍待办夹，窗口公示时限。" * 3,
            "due_on": today + timedelta(days=chance.randrange(-10, 90))
            if state != "draft" or n % 2
            else None,
            "state": state,
            "relapse_count": int(chance.random() < 0.005),
            "extension_count": int(chance.random() < 0.02),
            "signed_off_by_id": signer if settled else None,
            "closed_at": signed if settled else None,
        }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
