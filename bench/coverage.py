"""Times the coverage page at every level of a city; prints the medians as JSON.

Started by bench/run.py in an environment of its own, whose database it fills first
(bench/city.py). Beside the pages it times the SQL of the picture alone against the bare read
of the counter rows that it shows.
"""

import json
import os
import statistics
import sys
import time
from typing import Any

import django

from bench.city import filled
from bench.pages import WARM_UP, measure

LEVELS = ("city", "county", "township", "village")


def main(households: int, rounds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    figures = filled(households)
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    areas = _areas()
    page = "/visits/coverage/"
    levels = dict(zip(LEVELS, areas, strict=True))
    pages = {name: (f"{page}?area={area.code}", "office") for name, area in levels.items()}
    pages["township, outsider"] = (f"{page}?area={areas[2].code}", "discipline")
    found = measure(pages, rounds)
    sql = {name: _sql(area, rounds) for name, area in levels.items()}
    print(json.dumps({**found, "sql": sql, "figures": figures}))


def _areas() -> list[Any]:
    """The city, and the first of each level below."""
    from organisation.models import Area

    found = [Area.objects.get(parent=None)]
    while child := Area.objects.filter(parent=found[-1]).order_by("code").first():
        found.append(child)
    return found


def _sql(area: Any, rounds: int) -> dict[str, float]:
    """Medians of the statements of the picture, and of reading its counter rows by number."""

    from campaign.models import Campaign
    from organisation.models import User
    from visits.models import CoverageCount
    from visits.queries.picture import days_of, picture, way_to

    reader = User.objects.get(username="office")
    campaign = Campaign.objects.get()
    way = way_to(reader, campaign, area)
    shown = [area.pk, *area.children.values_list("pk", flat=True)]
    rows = CoverageCount.objects.filter(campaign=campaign, area__in=shown)
    keys = list(rows.values_list("pk", flat=True))
    marks = ",".join(["%s"] * len(keys))
    bare = f"SELECT * FROM visits_coveragecount WHERE id IN ({marks})"
    statements = _statements(lambda: days_of(picture(reader, campaign, way)))
    taken: dict[str, list[float]] = {"picture": [], "bare": []}
    for _ in range(WARM_UP + rounds):
        taken["picture"].append(sum(_seconds(*each) for each in statements))
        taken["bare"].append(_seconds(bare, keys))
    medians = {name: statistics.median(each[WARM_UP:]) * 1000 for name, each in taken.items()}
    return medians | {"rows": len(keys)}


def _statements(act: Any) -> list[tuple[str, Any]]:
    """What the act asks the database."""
    from django.db import connection

    found = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    return found


def _seconds(sql: str, params: Any) -> float:
    """Until the last row is here."""
    from django.db import connection

    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.fetchall()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
