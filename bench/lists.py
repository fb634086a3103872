"""Times the log of visits and the board of appeals at their beginning, far in and at their end.

Started by bench/run.py in an environment of its own, whose database it fills first
(bench/city.py, and one appeal for every fifty visits). A page far in may take twice as long as
the first; every page is beside the first of its own list.
"""

import json
import os
import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import django

from bench.city import filled
from bench.filling import filled_once
from bench.pages import measure

FAR = 1_000  # pages
VISITS_OF_AN_APPEAL = 50
BATCH = 2_000
SEED = 1
UNITS = 40
STATES = ("settled", "closed", "handling", "unassigned")
WEIGHTS = (40, 40, 15, 5)
READERS = ("office", "township")
LISTS = {"visits": "/visits/log/", "appeals": "/visits/appeals/"}


def main(households: int, rounds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    figures = filled(households) | filled_once(_with_appeals, "appeals")
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    pages = {}
    for name, address in LISTS.items():
        for reader in READERS:
            for place, after in _places(name, reader).items():
                pages[f"{name}, {reader}, {place}"] = (f"{address}{after}", reader)
    print(json.dumps({**measure(pages, rounds), "figures": figures}))


def _with_appeals() -> dict[str, float]:
    from visits.models import Appeal, Visit

    Appeal.objects.bulk_create(_appeals(random.Random(SEED)), batch_size=BATCH)
    return {"visits": Visit.objects.count(), "appeals": Appeal.objects.count()}


def _appeals(chance: random.Random) -> Iterator[Any]:
    """One of every fiftieth visit, in every state that a list shows much of."""
    from django.utils import timezone

    from campaign.models import Campaign
    from organisation.choices import UnitKind
    from organisation.models import Area
    from organisation.services import create_unit
    from visits.models import Appeal, Visit

    campaign, today = Campaign.objects.get(), timezone.localdate()
    city = Area.objects.get(parent=None)
    units = [
        create_unit(name=f"部门{n}", kind=UnitKind.DEPARTMENT, area=city) for n in range(UNITS)
    ]
    rows = Visit.objects.order_by("id").values_list("id", "target__area").iterator(BATCH)
    for n, (visit, area) in enumerate(rows):
        if n % VISITS_OF_AN_APPEAL:
            continue
        state = chance.choices(STATES, WEIGHTS)[0]
        closed = state == "closed"
        yield Appeal(
            campaign=campaign,
            number=n // VISITS_OF_AN_APPEAL + 1,
            visit_id=visit,
            area_id=area,
            unit=None if state in {"settled", "unassigned"} else chance.choice(units),
            content="村口路灯坏了，晚上出门不方便",
            handling="answered" if state == "settled" else "dispatch",
            state=state,
            issued_on=None if state == "settled" else today,
            due_on=today + timedelta(days=n % 9) if state in {"handling", "unassigned"} else None,
            answer="已修好" if state in {"closed", "settled"} else "",
            result="satisfied" if closed else "",
            solved=True if closed else None,
            signed_in_time=True if closed else None,
            answered_in_time=True if closed else None,
        )


def _places(name: str, reader: str) -> dict[str, str]:
    """What the address says at the first page, a thousand pages in (or half way), and the last."""
    from django.conf import settings

    keys = _read_by(reader, name).values_list("id", flat=True)
    number, size = keys.count(), settings.PAGE_SIZE
    far = min(FAR * size, number // 2)
    if number <= size:
        return {"first": ""}
    return {
        "first": "",
        f"page {far // size + 1:,}": f"?after={keys.order_by('-id')[far - 1]}",
        "last": f"?after={keys.order_by('id')[min(size, number - 1)]}",
    }


def _read_by(reader: str, name: str) -> Any:
    """What the reader's area holds, who is no visitor; a join, where the rule that fits every
    reader (own visits or those of the area) is for rows that are known, and takes hours here."""
    from organisation.models import Grant
    from visits.models import Appeal, Visit

    path = Grant.objects.get(user__username=reader).area.path
    if name == "appeals":
        return Appeal.objects.filter(area__path__startswith=path)
    return Visit.objects.filter(target__area__path__startswith=path)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
