"""Giving rights and taking them back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from core.permissions import needs
from organisation import rules, services
from organisation.choices import Role
from organisation.forms.grants import GrantForm
from organisation.models import Grant
from organisation.queries.people import rights_of
from organisation.requests import StaffRequest, ask_proof
from organisation.services import Refused
from organisation.services.grants import EXCLUSION
from organisation.views.person import posted, status_of, visible_person

ONLY_GIVERS = "权限由安全管理员授予和收回；作风办可以办理单位一级的角色。"
NOT_ONESELF = "不能给自己授权，请由另一名安全管理员或作风办办理。"
NOT_IN_SCOPE = "这个人不在您负责的范围内，不能授权。请联系安全管理员。"
NOT_OWN = "不能收回自己的权限，请由另一名安全管理员或作风办办理。"
NOT_REVOCABLE = "这项权限不由您收回：范围以外的或更高的权限，请联系安全管理员。"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.gives_rights, ONLY_GIVERS)
def grant_create(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the person a right, after proof of who gives it."""
    person = visible_person(request, pk)
    if person.pk == request.user.pk:
        raise PermissionDenied(NOT_ONESELF)
    if not rules.can_give_to(request.user, person):
        raise PermissionDenied(NOT_IN_SCOPE)
    if not rules.finds_a_role_for(request.user, person):
        raise PermissionDenied(f"{person.name}是管理员，不能再有业务角色：{EXCLUSION}")
    form = GrantForm(posted(request), user=request.user, person=person, cancel_url=f"/people/{pk}/")
    if request.method == "POST" and form.is_valid():
        if asked := ask_proof(request):
            return asked
        data = form.cleaned_data
        try:
            services.grant(
                user=person,
                role=Role(data["role"]),
                unit=data["unit"],
                area=data.get("area"),
                since=data["since"],
                until=data["until"],
                granted_by=request.user,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已授权，{person.name}下次打开页面时生效。")
            return redirect("organisation:person-detail", pk)
    context = {"person": person, "form": form, "rights": rights_of(person).now}
    return render(request, "organisation/grant_new.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.gives_rights, ONLY_GIVERS)
def grant_revoke(request: StaffRequest, pk: int, grant_pk: int) -> HttpResponse:
    """Take a right back, after a question and proof of who takes it."""
    person = visible_person(request, pk)
    grants = Grant.objects.visible_to(request.user).filter(user=person)
    found = get_object_or_404(grants.select_related("unit__area", "area"), pk=grant_pk)
    if person.pk == request.user.pk:
        raise PermissionDenied(NOT_OWN)
    if not rules.can_revoke(request.user, found):
        raise PermissionDenied(NOT_REVOCABLE)
    if request.method != "POST":
        context = {"person": person, "grant": found}
        return render(request, "organisation/grant_revoke.html", context)
    if asked := ask_proof(request):
        return asked
    try:
        services.revoke(grant=found, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "权限已收回，登录已全部退出。")
    return redirect("organisation:person-detail", pk)
