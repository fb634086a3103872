"""Visits entered before lateness was asked of every way in get the words that they lack."""

from django.db import migrations
from django.db.models.functions import TruncDate
from django.utils import timezone

from visits.models.visits import DayBegins

NOT_SAID = "录入时没有写明原因"


def fill(apps, schema_editor):
    visits = apps.get_model("visits", "Visit").objects.using(schema_editor.connection.alias)
    # A correction could put a visit on a day after its own entry, which no visit can have had.
    here = timezone.get_default_timezone()
    after = visits.filter(received_at__lt=DayBegins("visited_on", days=0))
    after.update(visited_on=TruncDate("received_at", tzinfo=here))
    late = visits.filter(late_reason="", received_at__gte=DayBegins("visited_on", days=4))
    late.update(late_reason=NOT_SAID)


class Migration(migrations.Migration):
    dependencies = [("visits", "0032_rates_that_stay")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
