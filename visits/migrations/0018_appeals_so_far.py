"""Appeals of earlier versions: a number, a voice and a first step each.

What was open is with its unit, by the deadline it had; what was answered was answered on the
spot, since there was no other way to answer it.
"""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery

BATCH = 2000


def fill(apps, schema_editor):
    Appeal = apps.get_model("visits", "Appeal")
    Target = apps.get_model("visits", "Target")
    of_visit = Target.objects.filter(visits=OuterRef("visit"))
    Appeal.objects.update(
        campaign=Subquery(of_visit.values("campaign")), area=Subquery(of_visit.values("area"))
    )
    was_open = Appeal.objects.filter(state="open")
    was_open.filter(unit=None).update(state="unassigned")
    was_open.exclude(unit=None).update(state="handling")
    Appeal.objects.filter(state="answered").update(state="settled")
    with_unit = Appeal.objects.filter(state="handling")
    with_unit.exclude(counted_from=None).update(workdays=5, issued_on=F("counted_from"))
    _number(apps)


def _number(apps):
    Appeal = apps.get_model("visits", "Appeal")
    last = {}
    rows = Appeal.objects.select_related("visit").order_by("id")
    some = []
    for appeal in rows.iterator(BATCH):
        appeal.number = last[appeal.campaign_id] = last.get(appeal.campaign_id, 0) + 1
        some.append(appeal)
        if len(some) == BATCH:
            _write(apps, some)
            some = []
    _write(apps, some)


def _write(apps, appeals):
    Voice = apps.get_model("visits", "Voice")
    AppealEvent = apps.get_model("visits", "AppealEvent")
    apps.get_model("visits", "Appeal").objects.bulk_update(appeals, ["number"])
    Voice.objects.bulk_create(
        Voice(appeal=each, raised_as=each, visit_id=each.visit_id, content=each.content)
        for each in appeals
    )
    AppealEvent.objects.bulk_create(
        AppealEvent(
            appeal=each,
            number=0,
            actor_id=each.visit.author_id,
            step="raise",
            label="提出诉求",
            to_state=each.state,
            at=each.visit.received_at,
        )
        for each in appeals
    )


def empty(apps, schema_editor):
    Appeal = apps.get_model("visits", "Appeal")
    for name in ("CallBack", "AppealEvent", "Voice"):
        apps.get_model("visits", name).objects.all().delete()
    Appeal.objects.filter(due_on=None).update(state="answered")
    Appeal.objects.exclude(due_on=None).update(state="open")


class Migration(migrations.Migration):
    dependencies = [("visits", "0017_appeals_on_their_way")]

    operations = [migrations.RunPython(fill, empty)]
