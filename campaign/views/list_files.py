"""A list of a campaign as a file: fetched, checked, set down."""

from functools import partial

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign import rules, services
from campaign.exports import write_list
from campaign.forms.list_files import CheckedList, LandListForm, ListFileForm
from campaign.models import Campaign
from campaign.services import Refused
from campaign.services.list_files import compared, held, read_list
from campaign.services.lists import stamp_of
from campaign.views.scoped import ONLY_OFFICE, kept_campaign
from core.downloads import workbook
from core.paging import is_key
from core.permissions import needs
from organisation.requests import StaffRequest


@require_safe
@needs(rules.begins_campaigns, ONLY_OFFICE)
def term_list_template(request: StaffRequest, pk: int) -> FileResponse:
    """An empty workbook to fill in, or a list as it stands, to be corrected and sent in."""
    campaign = kept_campaign(request, pk)
    asked = request.GET.get("list", "")
    found = get_object_or_404(campaign.taxonomies, pk=asked) if is_key(asked) else None
    return workbook(partial(write_list, found), f"{found.name if found else '清单模板'}.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def term_list_upload(request: StaffRequest, pk: int) -> HttpResponse:
    """What the file of a list would change; nothing is written yet."""
    campaign = kept_campaign(request, pk)
    if request.method != "POST":
        asked = request.GET.get("list", "")
        return _page(request, campaign, _form(campaign, initial={"target": asked}))
    form = _form(campaign, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, campaign, form)
    found, name = form.cleaned_data["target"], form.cleaned_data["name"]
    seen = stamp_of(found)
    reading = read_list(name=form.file_name, content=form.cleaned_data["file"])
    change = compared(found, reading.rows)
    if faults := [*reading.faults] or held(found, change):
        return _page(request, campaign, form, faults)
    name = found.name if found else name
    target = found.pk if found else None
    checked = CheckedList(campaign.pk, target, name, list(change.rows), seen)
    context = {
        "campaign": campaign,
        "found": found,
        "name": name,
        "change": change,
        "checked": checked.sealed(request.user),
    }
    return render(request, "campaign/list_check.html", context)


@require_POST
@needs(rules.begins_campaigns, ONLY_OFFICE)
def term_list_land(request: StaffRequest, pk: int) -> HttpResponse:
    """Set down the list that was just shown."""
    campaign = kept_campaign(request, pk)
    form = LandListForm(request.POST, user=request.user, campaign=campaign)
    if not form.is_valid():
        return _page(request, campaign, _form(campaign), [*map(str, form.errors["checked"])])
    checked: CheckedList = form.cleaned_data["checked"]
    found = get_object_or_404(campaign.taxonomies, pk=checked.target) if checked.target else None
    try:
        is_change = services.land_list(
            campaign=campaign,
            taxonomy=found,
            name=checked.name,
            rows=checked.rows,
            seen=checked.seen,
            actor=request.user,
        )
    except Refused as refusal:
        return _page(request, campaign, _form(campaign), [str(refusal)])
    said = "已生效" if is_change else "与文件相同，没有改动"
    messages.success(request, f"「{checked.name}」{said}。")
    return redirect("campaign:term-lists", pk)


def _form(campaign: Campaign, *sent: object, **more: object) -> ListFileForm:
    back = reverse("campaign:term-lists", args=[campaign.pk])
    return ListFileForm(*sent, campaign=campaign, cancel_url=back, **more)


def _page(
    request: StaffRequest, campaign: Campaign, form: ListFileForm, faults: list[str] | None = None
) -> HttpResponse:
    """The form; with what was refused, if anything was (422)."""
    context = {"campaign": campaign, "form": form, "faults": faults or []}
    status = 422 if faults or form.is_bound else 200
    return render(request, "campaign/list_upload.html", context, status=status)
