"""The table for visits on paper, begun with the targets that are left."""

from typing import IO

from campaign.models import Campaign
from core.exports.template import write_template
from organisation.models import User
from visits.queries.paper import rows_to_fill_in
from visits.sheet.fields import FIELDS, MAX_ROWS


def write_paper_template(
    target: IO[bytes], *, reader: User, author: User, campaign: Campaign
) -> None:
    """Headings, hints, an example that is not imported, and a row for each target left."""
    filled = rows_to_fill_in(reader, author, campaign, MAX_ROWS)
    write_template("走访记录", FIELDS, target, rows=MAX_ROWS, filled=filled)
