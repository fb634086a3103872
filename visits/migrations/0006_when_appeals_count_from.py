"""Open appeals are told from which day they count, where their deadline is what counting gives.

Any other deadline was not reckoned from the day of the visit, and stays as it is.
"""

from datetime import datetime, time, timedelta

from django.db import migrations
from django.utils import timezone

from core.workdays import Calendar

WORKDAYS = 5


def fill(apps, schema_editor):
    appeals = apps.get_model("visits", "Appeal").objects.filter(state="open", counted_from=None)
    calendar = read(apps)
    received = appeals.order_by().values_list("visit__received_at", flat=True)
    for day in sorted({timezone.localdate(at) for at in received.iterator()}):
        begins = timezone.make_aware(datetime.combine(day, time.min))
        those = appeals.filter(
            visit__received_at__gte=begins,
            visit__received_at__lt=begins + timedelta(days=1),
            due_on=calendar.due(day, WORKDAYS),
        )
        those.update(counted_from=day)


def read(apps):
    rows = apps.get_model("core", "CalendarDay").objects.order_by("-source")  # closures last
    years = apps.get_model("core", "CalendarYear").objects.values_list("year", flat=True)
    return Calendar(dict(rows.values_list("day", "is_workday")), frozenset(years))


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0005_appeal_counted_from"),
        ("core", "0006_known_years"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
