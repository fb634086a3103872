"""Whether a problem item is concrete: what it lacks, which words say nothing, what to write.

Pure: no Django, no database. The rules are data (``rules.toml``); what they catch and what
they miss is measured on labelled items (``tests/issues/labelled``).
"""

from issues.concreteness.checking import check, check_milestones
from issues.concreteness.rulebook import CLAIMED, MISSING, NAMES
from issues.concreteness.texts import Finding, Span, Text

__all__ = ["CLAIMED", "MISSING", "NAMES", "Finding", "Span", "Text", "check", "check_milestones"]
