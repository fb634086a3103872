"""Template tags of the ratings."""

from django import template

from evaluations.choices import Dimension, Grade, RaterGroup
from evaluations.scoring import GRADES, DimensionResult

register = template.Library()


@register.filter
def group_name(group: str) -> str:
    """How people call a group of raters."""
    return RaterGroup(group).label


@register.filter
def dimension_name(dimension: str) -> str:
    return Dimension(dimension).label


@register.inclusion_tag("evaluations/_distribution.html")
def distribution(part: DimensionResult) -> dict[str, object]:
    """The grades of one dimension as a bar of five parts, with the numbers in words below."""
    whole, start, segments = part.satisfied.whole, 0.0, []
    for grade in GRADES:
        width = part.counts[grade] * 100 / whole
        segments.append(
            {
                "label": Grade(grade).label,
                "count": part.counts[grade],
                "colour": f"grade-{int(grade)}",
                "x": f"{start:.3f}",
                "width": f"{width:.3f}",
            }
        )
        start += width
    return {"segments": segments, "unknown": part.unknown, "whole": whole}
