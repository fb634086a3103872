"""The round's page while codes are being printed."""

import re

from django.urls import reverse

from core.models import Job
from evaluations import services
from evaluations.choices import RaterGroup
from evaluations.models import Round
from tests.evaluations.conftest import County, group_of, signed_in


def test_the_page_is_drawn_anew_when_the_codes_are_ready(county: County, draft: Round) -> None:
    job = services.request_codes(
        group=group_of(draft, RaterGroup.SERVED),
        number=3,
        base_url="https://bianfang.example",
        actor=county.office,
    )
    page = reverse("evaluations:round-detail", args=[draft.pk])
    browser = signed_in(county.office)
    status = reverse("core:job-status", args=[job.pk])
    asked = re.findall(r'hx-get="([^"]*)"', browser.get(page).content.decode())
    assert asked == [f"{status}?refresh=1"]
    Job.objects.update(state=Job.State.DONE)
    assert browser.get(asked[0])["HX-Refresh"] == "true"
    assert re.findall(r'hx-get="([^"]*)"', browser.get(page).content.decode()) == []
