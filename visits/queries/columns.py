"""What has been said of the columns of uploaded registers."""

from campaign.models import Campaign
from visits.choices import TargetKind
from visits.models import ColumnChoice
from visits.register.fields import FIELDS


def chosen_columns(campaign: Campaign, kind: TargetKind) -> dict[str, list[str]]:
    """Our headings by place, by the fingerprint of a row of headings; one query.

    What names a column that the register has no more is forgotten.
    """
    known = {"", *(field.heading for field in FIELDS[kind])}
    rows = ColumnChoice.objects.filter(campaign=campaign, kind=kind)
    found = rows.values_list("fingerprint", "columns")
    return {mark: columns for mark, columns in found if known.issuperset(columns)}
