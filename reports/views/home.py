"""The first page after signing in: what waits for me."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaign.requests import CampaignRequest, campaign_of
from core.permissions import needs, signed_in
from organisation.scope import scope_of
from reports.queries.home import waiting


@require_safe
@needs(signed_in)
def home(request: CampaignRequest) -> HttpResponse:
    context = {
        "waiting": waiting(request.user, campaign_of(request)),
        "takes_part": scope_of(request.user).takes_part,
    }
    return render(request, "reports/home.html", context)
