"""空挂 and 失联注销 are two states, and a target counts in every area above its own.

The counters of a campaign are counted anew from its register; of an archived one, whose
register is gone, they are added up, and all that was 空挂失联注销 stays 失联注销.
"""

from collections import defaultdict

from django.db import migrations
from django.db.models import Count, Exists, OuterRef

STATES = ("pending", "absent", "refused", "empty", "gone", "visited")
LOCALITIES = {"1": "urban", "2": "rural"}
BATCH = 50


def split(apps, schema_editor):
    visits = apps.get_model("visits", "Visit").objects.filter(target=OuterRef("pk"))
    targets = apps.get_model("visits", "Target").objects
    found_gone = visits.filter(outcome="gone")
    found_empty = visits.filter(outcome="empty")
    only_empty = targets.filter(~Exists(found_gone), Exists(found_empty), state="gone")
    only_empty.update(state="empty")
    _place(apps, targets)
    for campaign in apps.get_model("campaign", "Campaign").objects.all():
        counted = _added_up if campaign.archived_at else _counted_anew
        _replace(apps, campaign, counted(apps, campaign))


def _place(apps, targets):
    """Targets get the 城乡 of their village; a grid that has none is like the area above."""
    areas = {a.pk: a for a in apps.get_model("organisation", "Area").objects.all()}
    for pk in targets.order_by().values_list("area", flat=True).distinct():
        above = [areas[int(key)].settlement for key in reversed(_levels(areas[pk].path)[-2:])]
        known = next((LOCALITIES[kind[0]] for kind in above if kind), "")
        targets.filter(area=pk).update(locality=known)


def _counted_anew(apps, campaign):
    keys = ("area", "kind", "above_scale", "industrial", "size", "locality", "state")
    rows = apps.get_model("visits", "Target").objects.filter(campaign=campaign).order_by()
    found = defaultdict(lambda: defaultdict(int))
    for *key, size, locality, state, number in rows.values_list(*keys).annotate(n=Count("pk")):
        found[*key, size in {"small", "micro"}, locality][state] += number
    return found


def _added_up(apps, campaign):
    found = defaultdict(lambda: defaultdict(int))
    for row in apps.get_model("visits", "CoverageCount").objects.filter(campaign=campaign):
        key = (row.area_id, row.kind, row.above_scale, row.industrial, False, "")
        for state in STATES:
            found[key][state] += getattr(row, state)
    return found


def _replace(apps, campaign, own):
    """Counters of every area with all below it, instead of those of each area's own."""
    paths = dict(apps.get_model("organisation", "Area").objects.values_list("pk", "path"))
    whole = defaultdict(lambda: defaultdict(int))
    for (area, *rest), states in own.items():
        for key in _levels(paths[area]):
            for state, number in states.items():
                whole[key, *rest][state] += number
    counters = apps.get_model("visits", "CoverageCount").objects
    counters.filter(campaign=campaign).delete()
    names = ("area_id", "kind", "above_scale", "industrial", "small", "locality")
    rows = [
        counters.model(campaign=campaign, **dict(zip(names, key, strict=True)), **states)
        for key, states in whole.items()
    ]
    counters.bulk_create(rows, batch_size=BATCH)


def _levels(path):
    return [int(key) for key in path.strip("/").split("/")]


def join(apps, schema_editor):
    """Back: one state for both, and each counter without what is counted below its area."""
    targets = apps.get_model("visits", "Target").objects
    targets.filter(state="empty").update(state="gone")
    targets.exclude(status="").update(status="")
    parents = dict(apps.get_model("organisation", "Area").objects.values_list("pk", "parent"))
    counters = apps.get_model("visits", "CoverageCount").objects
    for campaign in apps.get_model("campaign", "Campaign").objects.all():
        own = defaultdict(lambda: defaultdict(int))
        for row in counters.filter(campaign=campaign):
            key = (row.kind, row.above_scale, row.industrial)
            for state in STATES:
                into = "gone" if state == "empty" else state
                own[row.area_id, *key][into] += getattr(row, state)
                if parents[row.area_id]:
                    own[parents[row.area_id], *key][into] -= getattr(row, state)
        counters.filter(campaign=campaign).delete()
        names = ("area_id", "kind", "above_scale", "industrial")
        rows = [
            counters.model(campaign=campaign, **dict(zip(names, key, strict=True)), **states)
            for key, states in own.items()
            if any(states.values())
        ]
        counters.bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("visits", "0007_states_and_splits")]

    operations = [migrations.RunPython(split, join)]
