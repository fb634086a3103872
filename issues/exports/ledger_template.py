"""The ledger that an import reads, empty to fill in."""

from collections.abc import Sequence
from dataclasses import replace
from typing import IO

from campaign.models import Campaign
from core.columns import Field
from core.exports.template import write_template
from issues.queries.sheet import categories_of
from issues.sheet.fields import CATEGORY, MAX_ROWS, WRITTEN

LONGEST_LIST = 250  # signs; Excel keeps 255 of a list to choose from


def columns_for(campaign: Campaign) -> Sequence[Field]:
    """The columns that people write, with the categories of this campaign."""
    options = tuple(f"{number}. {name}" for _, number, name in categories_of(campaign))
    chosen = options if _fits_a_list(options) else ()
    hint = f"必填：{'；'.join(options)}"
    category = replace(CATEGORY, hint=hint, example="".join(options[:1]), options=chosen)
    return [category if each is CATEGORY else each for each in WRITTEN]


def _fits_a_list(options: Sequence[str]) -> bool:
    return len(",".join(options)) <= LONGEST_LIST and not set("".join(options)) & {",", '"'}


def write_ledger_template(campaign: Campaign, target: IO[bytes]) -> None:
    """Headings, a line of hints and an example that is not imported."""
    write_template("问题台账", columns_for(campaign), target, rows=MAX_ROWS)
