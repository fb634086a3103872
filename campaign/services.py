"""Writes on campaigns."""

from collections.abc import Mapping, Sequence
from datetime import date

from campaign.choices import StageKind
from campaign.models import Campaign, Category, Stage, Taxonomy
from core import audit
from organisation.models import Area, User


@audit.atomic
def create_campaign(
    *,
    name: str,
    area: Area,
    organiser: str,
    stages: Mapping[StageKind, tuple[date, date, str]],
    taxonomies: Mapping[str, Sequence[tuple[str, str]]],
    actor: User | None = None,
) -> Campaign:
    """Create a campaign with its stages (start, end, goal) and category lists (name, gloss).

    It runs from the first day of its stages to the last. Audited.
    """
    campaign = Campaign.objects.create(
        name=name,
        area=area,
        organiser=organiser,
        starts_on=min(start for start, _, _ in stages.values()),
        ends_on=max(end for _, end, _ in stages.values()),
    )
    for kind, (start, end, goal) in stages.items():
        Stage.objects.create(campaign=campaign, kind=kind, goal=goal, starts_on=start, ends_on=end)
    for title, categories in taxonomies.items():
        taxonomy = Taxonomy.objects.create(campaign=campaign, name=title)
        for number, (category, gloss) in enumerate(categories, start=1):
            Category.objects.create(taxonomy=taxonomy, number=number, name=category, gloss=gloss)
    audit.record(actor=actor, act="campaign.create", subject=campaign)
    return campaign
