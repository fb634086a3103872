"""The template of a register to fill in."""

from typing import IO

from core.exports.template import write_template
from visits.choices import TargetKind
from visits.register.fields import FIELDS, TEMPLATE_ROWS


def write_register_template(kind: TargetKind, target: IO[bytes]) -> None:
    """An empty register with headings, a line of hints and an example that is not imported."""
    write_template(f"{kind.label}登记册", FIELDS[kind], target, rows=TEMPLATE_ROWS)
