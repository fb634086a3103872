"""Which of the campaigns that run today a person works in."""

from campaign.models import Campaign
from campaign.queries import running_campaigns
from organisation.requests import StaffRequest

CHOSEN = "campaign"


class CampaignRequest(StaffRequest):
    """A request for a page that shows one campaign; ``base.html`` then offers the others."""

    campaign: Campaign | None
    running: list[Campaign]


def campaign_of(request: CampaignRequest) -> Campaign | None:
    """The campaign chosen since signing in, else the latest to begin; None when none runs."""
    request.running = running_campaigns(request.user)
    chosen = request.session.get(CHOSEN)
    first = next(iter(request.running), None)
    request.campaign = next((each for each in request.running if each.pk == chosen), first)
    return request.campaign


def choose_campaign(request: StaffRequest, campaign: Campaign) -> None:
    """Work in this one until signing out."""
    request.session[CHOSEN] = campaign.pk
