"""The roster: reading it, and keeping it right."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.masking import mask_phone
from core.paging import Page, page_of
from core.permissions import needs
from core.phones import phone_in
from core.sought import opened, to_list
from organisation import rules, services
from organisation.filters import RosterFilter
from organisation.forms.people import (
    MoveForm,
    NewPersonForm,
    PersonForm,
    PostingForm,
    RetireForm,
    ReturnForm,
)
from organisation.models import Posting, User
from organisation.passwords import new_initial_password
from organisation.queries import people as reads
from organisation.requests import StaffRequest
from organisation.services import Refused
from organisation.views.person import (
    detail_context,
    password_page,
    posted,
    status_of,
    visible_person,
)

ONLY_READERS = "人员名册由作风办、组织部、单位联络员和单位班子成员查看。"
ONLY_KEEPERS = "人员名册由作风办和单位联络员登记、修改。"
NOT_YOURS = "这个人的名册不由您登记，或者是您本人。请联系本单位的其他联络员或作风办。"
NOT_POSTED_BY_YOU = (
    "这个人的任职、调动和离任不由您办理：负责人等有其他角色的由作风办办理；"
    "管理员请先请安全管理员收回权限；本人的由其他联络员或作风办办理。"
)
NOT_CORRECTED_BY_YOU = "这个人是管理员，请先请安全管理员收回权限，再修改。"
NOT_POSTED = "这个人现在没有任职，不能办理。"
SOUGHT = ("words", "unit")
IS_POSTED = "这个人现在有任职，不用办理返岗。"
LAST_DAY = "今天是这个人任职的最后一天，从明天起可以办理返岗。"
HOLDS_MORE = "这个人还有其他角色的权限，请先请安全管理员收回，再办返岗。"


@require_safe
@needs(rules.reads_roster, ONLY_READERS)
def person_list(request: StaffRequest) -> HttpResponse:
    """The people in the reader's scope, the newest first."""
    found = RosterFilter(opened(request.GET, *SOUGHT), business=rules.sees_business(request.user))
    people = reads.roster(request.user, found.criteria)
    total = people.count() if found.criteria.is_counted else None
    return _list_page(request, found, page_of(people, request), total=total)


@require_POST
@needs(rules.reads_roster, ONLY_READERS)
def person_search(request: StaffRequest) -> HttpResponse:
    """A whole telephone number is found by its index and answered at once; everything else
    goes on to the list's own address."""
    business = rules.sees_business(request.user)
    number = phone_in(request.POST.get("words", ""))
    if not number or not business:
        asked = RosterFilter(request.POST, business=business).criteria.written
        return to_list("organisation:person-list", asked, *SOUGHT)
    found = RosterFilter({}, business=business)
    try:
        services.note_phone_search(actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _list_page(request, found, Page([], "", ""), status=429)
    people = reads.by_phone(request.user, number).order_by("-id")[: settings.PAGE_SIZE]
    page = Page(list(people), "", "")
    return _list_page(request, found, page, searched=mask_phone(number))


def _list_page(
    request: StaffRequest,
    found: RosterFilter,
    page: Page,
    *,
    total: int | None = None,
    searched: str = "",
    status: int = 200,
) -> HttpResponse:
    criteria = found.criteria
    context = {
        "filter": found,
        "business": rules.sees_business(request.user),
        "page": page,
        "total": total,
        "under": reads.chosen_unit(request.user, criteria.under) if criteria.under else None,
        "searched": searched,
        "is_narrowed": bool(searched or criteria.written or status != 200),
        "keeps": rules.keeps_roster(request.user),
    }
    return render(request, "organisation/people.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_roster, ONLY_KEEPERS)
def person_create(request: StaffRequest) -> HttpResponse:
    """Put somebody into the roster; the answer shows the initial password, this once."""
    initial = {"unit": request.GET.get("unit", "")}
    form = NewPersonForm(posted(request), user=request.user, cancel_url="/people/", initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        password = new_initial_password()
        try:
            person = services.enrol(
                username=data["username"],
                name=data["name"],
                phone=data["phone"],
                unit=data["unit"],
                since=data["since"],
                password=password,
                actor=request.user,
                **form.post,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return password_page(request, person, password, f"已登记{person.name}", is_new=True)
    return render(request, "organisation/person_new.html", {"form": form}, status=status_of(form))


@require_safe
@needs(rules.reads_roster, ONLY_READERS)
def person_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One person: posts, rights, account, and what the reader may do."""
    person = visible_person(request, pk)
    return render(request, "organisation/person.html", detail_context(request, person))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_roster, ONLY_KEEPERS)
def person_update(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct name and telephone number."""
    person = _kept(request, pk)
    if not rules.can_correct(request.user, person):
        raise PermissionDenied(NOT_CORRECTED_BY_YOU)
    form = PersonForm(posted(request), person=person, cancel_url=f"/people/{pk}/")
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_person(
                user=person,
                name=form.cleaned_data["name"],
                phone=form.new_phone,
                actor=request.user,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已保存。")
            return redirect("organisation:person-detail", pk)
    return _form_page(request, person, form, "修改姓名和手机")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_roster, ONLY_KEEPERS)
def person_posting(request: StaffRequest, pk: int) -> HttpResponse:
    """Another position, tier or powers in the same unit."""
    person = _movable(request, pk)
    posting = _posting_or_refuse(person)
    form = PostingForm(posted(request), posting=posting, cancel_url=f"/people/{pk}/")
    if request.method == "POST" and form.is_valid():
        try:
            services.change_posting(
                user=person, on=form.cleaned_data["on"], actor=request.user, **form.post
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "任职已更新。")
            return redirect("organisation:person-detail", pk)
    return _form_page(request, person, form, "修改任职")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_roster, ONLY_KEEPERS)
def person_move(request: StaffRequest, pk: int) -> HttpResponse:
    """Post the person to another unit; the page says which rights end with it."""
    person = _movable(request, pk)
    posting = _posting_or_refuse(person)
    form = MoveForm(
        posted(request), user=request.user, posting=posting, cancel_url=f"/people/{pk}/"
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.move_person(
                user=person, unit=data["unit"], on=data["on"], actor=request.user, **form.post
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{person.name}已调到{data['unit'].name}。")
            return redirect("organisation:person-detail", pk)
    lost = reads.rights_lost_by_move(person)
    kept = [each for each in reads.rights_of(person).now if each not in lost]
    context = {"person": person, "present": posting, "form": form, "lost": lost, "kept": kept}
    return render(request, "organisation/person_move.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_roster, ONLY_KEEPERS)
def person_retire(request: StaffRequest, pk: int) -> HttpResponse:
    """End posting, rights and account; the page says what that is."""
    person = _movable(request, pk)
    posting = _posting_or_refuse(person)
    form = RetireForm(posted(request), cancel_url=f"/people/{pk}/")
    if request.method == "POST" and form.is_valid():
        try:
            services.retire(user=person, on=form.cleaned_data["on"], actor=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{person.name}已办理离任，账号停用，权限全部收回。")
            return redirect("organisation:person-detail", pk)
    context = {
        "person": person,
        "present": posting,
        "form": form,
        "rights": reads.rights_of(person).now,
        "sessions": reads.session_count(person),
    }
    return render(request, "organisation/person_retire.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_roster, ONLY_KEEPERS)
def person_return(request: StaffRequest, pk: int) -> HttpResponse:
    """Take back somebody who had left; the answer shows the initial password, this once."""
    person = _movable(request, pk)
    if reads.is_in_office(person):
        raise PermissionDenied(IS_POSTED if reads.open_posting(person) else LAST_DAY)
    if not rules.can_reinstate(request.user, person):
        raise PermissionDenied(HOLDS_MORE)
    form = ReturnForm(
        posted(request),
        user=request.user,
        last=reads.last_posting(person),
        cancel_url=f"/people/{pk}/",
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            password = services.reinstate(
                user=person, unit=data["unit"], on=data["on"], actor=request.user, **form.post
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return password_page(request, person, password, f"{person.name}已返岗")
    context = {"person": person, "form": form}
    return render(request, "organisation/person_return.html", context, status=status_of(form))


def _kept(request: StaffRequest, pk: int) -> User:
    """A person whose roster the keeper keeps."""
    person: User = get_object_or_404(
        User.objects.visible_to(request.user).select_related("unit__area"), pk=pk
    )
    if not rules.keeps_person(request.user, person):
        raise PermissionDenied(NOT_YOURS)
    return person


def _movable(request: StaffRequest, pk: int) -> User:
    """A person whom the keeper may post: not himself, nobody of more weight."""
    person = _kept(request, pk)
    if not rules.can_post(request.user, person):
        raise PermissionDenied(NOT_POSTED_BY_YOU)
    return person


def _posting_or_refuse(person: User) -> Posting:
    posting = reads.open_posting(person)
    if posting is None:
        raise PermissionDenied(NOT_POSTED)
    return posting


def _form_page(request: StaffRequest, person: User, form: Any, heading: str) -> HttpResponse:
    context = {"person": person, "form": form, "heading": heading}
    return render(request, "organisation/person_form.html", context, status=status_of(form))
