"""Nothing writes into an archived campaign: every service of every app, by one question."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

import campaign.services
import evaluations.services
import issues.services
import visits.services
from campaign.models import Activity, Campaign, Institution, Participant, StageTask, TaskDone
from campaign.services import ARCHIVED, windows_of
from core.files import check_upload
from evaluations.choices import RaterGroup, RoundState
from evaluations.models import Round
from evaluations.services import DEFAULT_WEIGHTS
from issues.choices import Decision, Pace
from issues.models import (
    EXAMPLE_TEXT,
    Evidence,
    Extension,
    Issue,
    LedgerUpload,
    ListVersion,
    Milestone,
    Origin,
    SavedView,
    SupervisionSlip,
)
from issues.queries import Criteria
from tests.architecture.objects import Arguments
from tests.core.workbooks import workbook
from tests.personas import World
from tests.security.attack import all_rows, changed
from visits.choices import CallResult, CheckResult, Outcome, TargetKind, TeamSource, Way
from visits.choices import Decision as AppealDecision
from visits.models import (
    Appeal,
    HotlineUpload,
    RegisterUpload,
    Target,
    TruthCheck,
    Visit,
    VisitUpload,
)
from visits.queries.denominator import counts_of

SERVICES = {
    "campaign": campaign.services,
    "visits": visits.services,
    "issues": issues.services,
    "evaluations": evaluations.services,
}
# Public functions that write nothing into a given campaign, or look for open ones themselves.
OTHERS = {
    "campaign.archive_campaign": "the archiving; refuses a second time by itself",
    "campaign.begin_campaign": "makes a new one",
    "campaign.create_campaign": "makes a new one",
    "campaign.delete_dropped_files": "what the archiving left",
    "campaign.end_due_stages": "only of open campaigns",
    "campaign.look_at_stages": "only of open campaigns",
    "campaign.plan_of": "reads",
    "campaign.recompute_all": "only of open campaigns",
    "campaign.require_open": "the question itself",
    "campaign.see_tasks": "only of open campaigns",
    "campaign.shifts": "reads",
    "campaign.windows_of": "reads",
    "evaluations.cast_ballot": "no round is open and no code is left; public, without more steps",
    "evaluations.code_hash": "reads",
    "evaluations.deliver_codes": "by add_codes",
    "evaluations.new_codes": "reads",
    "evaluations.tidy": "reads",
    "evaluations.usable_code": "reads",
    "issues.asked_of": "reads",
    "issues.criteria_of": "reads",
    "issues.is_stuck": "reads",
    "issues.look_at": "reads",
    "issues.no_more_time": "reads",
    "visits.against_granting": "reads",
    "visits.nobody_calls": "reads",
    "issues.request_ledger": "reads into a file; an archived one has no problems left",
    "issues.take_steps": "each by make_move; none is left, and what is refused is told",
    "issues.drop_words": "of one's own; an archived one has none left",
    "issues.forget_old_words": "drops what nobody came back to",
    "issues.index_likeness": "of what there is; an archived one has no problems left",
    "issues.raise_due_slips": "only of open campaigns",
    "issues.recompute_slips": "only of open campaigns",
    "visits.check_coverage": "reads",
    "visits.keep_days": "only of open campaigns",
    "visits.look_at_visits": "only of open campaigns",
    "visits.note_phone_search": "a note on the reader, of no campaign",
    "visits.recompute_all": "only of open campaigns",
    "visits.report_faults": "only of open campaigns",
    "visits.request_coverage_export": "reads into a file",
    "visits.request_left_export": "reads into a file; no target is left",
    "visits.reveal": "reads; no target is left",
    "visits.reveal_contact": "reads; no target is left",
}
Call = Callable[[World, Arguments], object]


def paper() -> object:
    return check_upload(SimpleUploadedFile("材料.pdf", b"%PDF-1.7"))


def of(world: World, verb: str, **more: object) -> object:
    """One service of the campaign's own app."""
    return getattr(campaign.services, verb)(actor=world.city_office, **more)


def stage(world: World) -> object:
    return world.campaign.stages.get(kind="supervision")


def task(on: Arguments) -> StageTask:
    return StageTask.objects.select_related("stage__campaign__area").get(pk=on["o_task"][0])


def rating(on: Arguments, name: str = "draft_r") -> Round:
    return Round.objects.get(pk=on[name][0])


def issue(on: Arguments, name: str = "issue") -> Issue:
    return Issue.objects.get(pk=on[name][0])


def appeal(on: Arguments, name: str = "appeal") -> Appeal:
    return Appeal.objects.get(pk=on[name][0])


def slip(on: Arguments) -> SupervisionSlip:
    return SupervisionSlip.objects.get(pk=on["slip"][0])


def view(on: Arguments) -> SavedView:
    return SavedView.objects.get(pk=on["view"][0])


def version(on: Arguments) -> ListVersion:
    return ListVersion.objects.get(pk=on["version"][0])


def new_activity(world: World, on: Arguments) -> object:
    return campaign.services.record_activity(
        campaign=world.campaign, unit=world.unit, kind="study", held_on=world.today, heads=1,
        summary="学", actor=world.head,
    )  # fmt: skip


def new_institution(world: World, on: Arguments) -> object:
    return campaign.services.record_institution(
        campaign=world.campaign, unit=world.unit, name="新制度", document_number="",
        issued_on=world.today, categories=[], actor=world.head,
    )  # fmt: skip


def new_visit(world: World, on: Arguments) -> object:
    return visits.services.record_visit(
        token=uuid.uuid4(), target=Target.objects.get(pk=on["target"][0]), author=world.cadre,
        visited_on=world.today, way=Way.HOME, outcome=Outcome.EFFECTIVE,
    )  # fmt: skip


def corrected_visit(world: World, on: Arguments) -> object:
    return visits.services.correct_visit(
        visit=Visit.objects.get(pk=on["visit"][0]), actor=world.cadre, seen_version=1,
        reason="选错了", visited_on=world.today, way=Way.MEETING, outcome=Outcome.ABSENT,
    )  # fmt: skip


def new_round(world: World, on: Arguments) -> object:
    return evaluations.services.create_round(
        campaign=world.campaign, unit=world.unit, title="新一轮", actor=world.office
    )


def new_team(world: World, on: Arguments) -> object:
    return visits.services.create_team(
        campaign=world.campaign, name="新队", areas=[], members={TeamSource.GRID: []}
    )


def changed_team(world: World, on: Arguments) -> object:
    return visits.services.change_team(
        team=world.team, seen_version=1, name="改名", areas=[world.village],
        members={TeamSource.GRID: [world.cadre]}, leader=None, actor=world.organisation,
    )  # fmt: skip


def new_upload(world: World, on: Arguments) -> object:
    return visits.services.upload_register(
        campaign=world.campaign, kind=TargetKind.HOUSEHOLD, name="群众.xlsx",
        content=workbook([["编号", "户主"]]), actor=world.office,
    )  # fmt: skip


def new_target(world: World, on: Arguments) -> object:
    target = Target(
        campaign=world.campaign, kind="household", code="1", name="户主", area=world.village
    )
    return visits.services.add_targets(
        campaign=world.campaign, targets=[target], actor=world.office
    )


def changed_entry(world: World, on: Arguments, verb: str, **more: object) -> object:
    return getattr(visits.services, verb)(
        target=Target.objects.get(pk=on["target"][0]),
        reason="核对",
        actor=world.office,
        seen=0,
        **more,
    )


def group(on: Arguments) -> object:
    return rating(on).groups.select_related("round__unit").get(group=RaterGroup.PEER)


CALLS: dict[str, Call] = {
    "campaign.add_task": lambda w, on: of(w, "add_task", stage=stage(w), data={}),
    "campaign.change_dates": lambda w, on: of(
        w, "change_dates", campaign=w.campaign, windows=windows_of(w.campaign),
        seen=windows_of(w.campaign),
    ),
    "campaign.change_list": lambda w, on: of(
        w, "change_list", taxonomy=w.category.taxonomy, rows=[object()]
    ),
    "campaign.land_list": lambda w, on: of(
        w, "land_list", campaign=w.campaign, taxonomy=None, name="新", rows=[object()], seen=""
    ),
    "campaign.change_task": lambda w, on: of(w, "change_task", task=task(on), data={}),
    "campaign.end_stage": lambda w, on: of(w, "end_stage", stage=stage(w), reason="到期"),
    "campaign.join": lambda w, on: of(
        w, "join", campaign=w.campaign, unit=w.office_unit, today=w.today, reason="新设"
    ),
    "campaign.leave": lambda w, on: of(
        w, "leave", participant=Participant.objects.first(), reason="合并", today=w.today
    ),
    "campaign.record_activity": new_activity,
    "campaign.record_institution": new_institution,
    "campaign.remove_activity": lambda w, on: campaign.services.remove_activity(
        activity=Activity.objects.get(), actor=w.head
    ),
    "campaign.remove_institution": lambda w, on: campaign.services.remove_institution(
        institution=Institution.objects.get(), actor=w.head
    ),
    "campaign.remove_task": lambda w, on: of(w, "remove_task", task=task(on)),
    "campaign.request_archive": lambda w, on: of(
        w, "request_archive", campaign=w.campaign, today=w.today
    ),
    "campaign.resume_stage": lambda w, on: of(w, "resume_stage", stage=stage(w), reason="补"),
    "campaign.take_back": lambda w, on: campaign.services.take_back(
        done=TaskDone.objects.get(), actor=w.head
    ),
    "campaign.tell_done": lambda w, on: of(
        w, "tell_done", task=task(on), today=w.today, note="查了"
    ),
    "evaluations.add_codes": lambda w, on: evaluations.services.add_codes(
        group=group(on), batch=uuid.uuid4(), codes=["A" * 26]
    ),
    "evaluations.close_round": lambda w, on: evaluations.services.close_round(
        rating=rating(on, "open_r"), actor=w.office
    ),
    "evaluations.create_round": new_round,
    "evaluations.open_round": lambda w, on: evaluations.services.open_round(
        rating=rating(on), actor=w.office
    ),
    "evaluations.request_codes": lambda w, on: evaluations.services.request_codes(
        group=group(on), number=5, base_url="", actor=w.office
    ),
    "evaluations.set_groups": lambda w, on: evaluations.services.set_groups(
        rating=rating(on), weights=DEFAULT_WEIGHTS, minimum=6, actor=w.office
    ),
    "issues.add_evidence": lambda w, on: issues.services.add_evidence(
        issue=issue(on), actor=w.cadre, file=paper()
    ),
    "issues.claim_item": lambda w, on: issues.services.claim_item(
        claimed=issue(on), actor=w.head, category=w.category, text=w.text()
    ),
    "issues.confirm_list": lambda w, on: issues.services.confirm_list(
        version=version(on), actor=w.head, seen=version(on).sha256
    ),
    "issues.return_list": lambda w, on: issues.services.return_list(
        version=version(on), actor=w.head, seen=version(on).sha256, note="不具体"
    ),
    "issues.freeze_list": lambda w, on: issues.services.freeze_list(
        campaign=w.campaign, unit=w.unit, actor=w.liaison, seen=""
    ),
    "issues.take_in": lambda w, on: issues.services.take_in(
        unit_item=issue(on, "unit_i"), items=[issue(on)], actor=w.liaison
    ),
    "issues.take_out": lambda w, on: issues.services.take_out(
        origin=Origin.objects.get(pk=on["origin"][1]), actor=w.liaison
    ),
    "issues.write_unit_item": lambda w, on: issues.services.write_unit_item(
        campaign=w.campaign, unit=w.unit, author=w.liaison, category=w.category,
        text=w.text(leader=w.head, responsible=w.colleague),
    ),
    "issues.replace_evidence": lambda w, on: issues.services.replace_evidence(
        evidence=Evidence.objects.get(pk=on["evidence"][1]), actor=w.cadre, file=paper()
    ),
    "issues.take_back_evidence": lambda w, on: issues.services.take_back_evidence(
        evidence=Evidence.objects.get(pk=on["evidence"][1]), actor=w.cadre, why="传错了"
    ),
    "issues.ask_for_time": lambda w, on: issues.services.ask_for_time(
        issue=issue(on), actor=w.cadre, to_day=w.today, reason="等设备"
    ),
    "issues.hand_over": lambda w, on: issues.services.hand_over(
        issue=issue(on), actor=w.head, to_person=w.colleague, reason="已经调走", seen=0
    ),
    "issues.choose_example": lambda w, on: issues.services.choose_example(
        issue=issue(on, "closed"), actor=w.office, text=dict.fromkeys(EXAMPLE_TEXT, "某某")
    ),
    "issues.decide_on_time": lambda w, on: issues.services.decide_on_time(
        extension=Extension.objects.get(), actor=w.office, decision=Decision.GRANTED
    ),
    "issues.draw_look_backs": lambda w, on: issues.services.draw_look_backs(
        campaign=w.campaign, percent=10, actor=w.discipline
    ),
    "issues.drop_view": lambda w, on: issues.services.drop_view(view=view(on), actor=w.cadre),
    "issues.keep_view": lambda w, on: issues.services.keep_view(
        campaign=w.campaign, owner=w.cadre, name="销号的", criteria=Criteria(state="closed")
    ),
    "issues.rename_view": lambda w, on: issues.services.rename_view(
        view=view(on), name="改名", actor=w.cadre
    ),
    "issues.keep_words": lambda w, on: issues.services.keep_words(
        person=w.cadre, campaign=w.campaign, issue=None, token=uuid.uuid4(), words={}, seen=0
    ),
    "issues.make_move": lambda w, on: w.move(issue(on), "apply", w.cadre, note="做完了"),
    "issues.raise_slip": lambda w, on: issues.services.raise_slip(
        issue=issue(on), actor=w.discipline, request="办", pace=Pace.URGENT, token=uuid.uuid4()
    ),
    "issues.upload_ledger": lambda w, on: issues.services.upload_ledger(
        campaign=w.campaign, name="台账.xlsx", content=workbook([["问题"]]), actor=w.cadre
    ),
    "issues.request_import": lambda w, on: issues.services.request_import(
        upload=LedgerUpload.objects.get(pk=on["ledger_u"][0]), actor=w.liaison
    ),
    "issues.request_book": lambda w, on: issues.services.request_book(
        actor=w.cadre, campaign=w.campaign
    ),
    "issues.request_slip_file": lambda w, on: issues.services.request_slip_file(
        slip=slip(on), actor=w.head
    ),
    "issues.take_slip_step": lambda w, on: issues.services.take_slip_step(
        slip=slip(on), name="receive", actor=w.head, seen=0
    ),
    "issues.report_milestone": lambda w, on: issues.services.report_milestone(
        milestone=Milestone.objects.get(pk=on["milest"][1]), actor=w.cadre, result="办结 20 户。"
    ),
    "issues.rewrite_issue": lambda w, on: issues.services.rewrite_issue(
        issue=issue(on, "draft"), author=w.cadre, category=w.category, text=w.text(),
        seen_version=1,
    ),
    "issues.take_down_example": lambda w, on: issues.services.take_down_example(
        issue=issue(on, "closed"), actor=w.cadre
    ),
    "issues.raise_appeal_slip": lambda w, on: issues.services.raise_appeal_slip(
        appeal=appeal(on), actor=w.discipline, request="当面答复", pace=Pace.URGENT,
        token=uuid.uuid4(),
    ),
    "issues.write_item_of_appeals": lambda w, on: issues.services.write_item_of_appeals(
        appeals=[Appeal.objects.select_related("unit__area", "area", "campaign").get(
            pk=on["appeal"][0]
        )],
        author=w.liaison, category=w.category,
        text=w.text(leader=w.head, responsible=w.colleague),
    ),
    "issues.write_issue": lambda w, on: w.issue(),
    "visits.add_targets": new_target,
    "visits.change_team": changed_team,
    "visits.correct_visit": corrected_visit,
    "visits.create_team": new_team,
    "visits.give_back_target": lambda w, on: visits.services.give_back_target(
        target=Target.objects.get(pk=on["target"][0]), actor=w.cadre
    ),
    "visits.give_target": lambda w, on: visits.services.give_target(
        target=Target.objects.get(pk=on["target"][0]), person=w.cadre, actor=w.organisation, seen=0
    ),
    "visits.split_targets": lambda w, on: visits.services.split_targets(
        team=w.team, area=None, members=[w.cadre], actor=w.organisation, seen=0
    ),
    "visits.take_back_targets": lambda w, on: visits.services.take_back_targets(
        team=w.team, person=w.cadre, actor=w.organisation
    ),
    "visits.take_target": lambda w, on: visits.services.take_target(
        target=Target.objects.get(pk=on["target"][0]), actor=w.cadre
    ),
    "visits.dissolve_team": lambda w, on: visits.services.dissolve_team(
        team=w.team, actor=w.organisation
    ),
    "visits.ask_for_days": lambda w, on: visits.services.ask_for_days(
        appeal=appeal(on, "appeal_h"), actor=w.liaison, workdays=3, reason="等设备"
    ),
    "visits.decide_on_days": lambda w, on: visits.services.decide_on_days(
        extension=appeal(on).extensions.get(), actor=w.office, decision=AppealDecision.GRANTED
    ),
    "visits.merge_appeal": lambda w, on: visits.services.merge_appeal(
        appeal=appeal(on), into=appeal(on, "appeal_h"), actor=w.office, seen=2, reason="同一件"
    ),
    "visits.unmerge_appeal": lambda w, on: visits.services.unmerge_appeal(
        appeal=appeal(on, "appeal_m"), actor=w.office, seen=1, reason="两件不同的事"
    ),
    "visits.record_call_back": lambda w, on: visits.services.record_call_back(
        appeal=appeal(on, "appeal_a"), voice=appeal(on, "appeal_a").voices.get(),
        actor=w.organisation, seen=3, result=CallResult.SATISFIED, solved=True,
    ),
    "visits.make_link": lambda w, on: visits.services.make_link(
        appeal=appeal(on, "appeal_a"), voice=appeal(on, "appeal_a").voices.get(),
        actor=w.organisation,
    ),
    "visits.answer_by_link": lambda w, on: visits.services.answer_by_link(
        code=on["link"][0], result=CallResult.SATISFIED, solved=True
    ),
    "visits.upload_hotline": lambda w, on: visits.services.upload_hotline(
        campaign=w.campaign, name="结果.xlsx", content=b"", actor=w.office
    ),
    "visits.request_hotline": lambda w, on: visits.services.request_hotline(
        upload=HotlineUpload.objects.get(), actor=w.office
    ),
    "visits.hand_over": lambda w, on: visits.services.hand_over(
        lines=[visits.services.Handed(appeal(on, "appeal_s"), "LC1", 1)], actor=w.office
    ),
    "visits.take_appeal_step": lambda w, on: visits.services.take_appeal_step(
        appeal=appeal(on, "appeal_s"), name="sign", actor=w.liaison, seen=1
    ),
    "visits.correct_target": lambda w, on: changed_entry(
        w, on, "correct_target", corrected={"locality": "rural"}
    ),
    "visits.freeze_register": lambda w, on: visits.services.freeze_register(
        campaign=w.campaign, actor=w.city_office, seen=counts_of(w.campaign)
    ),
    "visits.choose_columns": lambda w, on: visits.services.choose_columns(
        upload=RegisterUpload.objects.get(), sheet=0, row=0, columns=[], actor=w.office, seen="",
    ),
    "visits.join_by_hand": lambda w, on: visits.services.join_by_hand(
        campaign=w.campaign, kind="household", values={}, actor=w.office
    ),
    "visits.join_target": lambda w, on: visits.services.join_target(
        campaign=w.campaign,
        target=Target(kind="household", code="1", name="户主", area=w.village),
        reason="新迁入",
        actor=w.office,
    ),
    "visits.merge_targets": lambda w, on: changed_entry(
        w, on, "merge_targets", into=Target(kind="household", campaign=w.campaign)
    ),
    "visits.move_target": lambda w, on: changed_entry(w, on, "move_target", to=w.village2),
    "visits.record_visit": new_visit,
    "visits.recount_coverage": lambda w, on: visits.services.recount_coverage(
        campaign=w.campaign
    ),
    "visits.register_villages": lambda w, on: visits.services.register_villages(
        campaign=w.campaign, actor=w.office
    ),
    "visits.cancel_upload": lambda w, on: visits.services.cancel_upload(
        upload=RegisterUpload.objects.get(), actor=w.office
    ),
    "visits.request_freeze": lambda w, on: visits.services.request_freeze(
        campaign=w.campaign, actor=w.city_office, seen=counts_of(w.campaign)
    ),
    "visits.restore_target": lambda w, on: changed_entry(w, on, "restore_target"),
    "visits.split_household": lambda w, on: changed_entry(
        w,
        on,
        "split_household",
        into=[visits.services.NewHousehold("1", "儿子")],
        state_stays_with="1",
    ),
    "visits.strike_target": lambda w, on: changed_entry(w, on, "strike_target"),
    "visits.request_apply": lambda w, on: visits.services.request_apply(
        upload=RegisterUpload.objects.get(), actor=w.office
    ),
    "visits.upload_register": new_upload,
    "visits.draw_visits": lambda w, on: visits.services.draw_visits(
        campaign=w.campaign,
        area=w.county,
        first_day=w.today,
        last_day=w.today,
        percent=10,
        token=uuid.uuid4(),
        actor=w.organisation,
    ),
    "visits.record_check": lambda w, on: visits.services.record_check(
        check=TruthCheck.objects.get(pk=on["t_check"][0]),
        actor=w.organisation,
        result=CheckResult.TRUE,
        note="",
        seen=0,
    ),
    "visits.upload_paper": lambda w, on: visits.services.upload_paper(
        campaign=w.campaign,
        author=w.cadre,
        name="走访.xlsx",
        content=workbook([["类别", "编号", "走访日期"]]),
        actor=w.cadre,
    ),
    "visits.request_paper_import": lambda w, on: visits.services.request_paper_import(
        upload=VisitUpload.objects.get(pk=on["paper"][0]), actor=w.cadre
    ),
    "visits.cancel_paper": lambda w, on: visits.services.cancel_paper(
        upload=VisitUpload.objects.get(pk=on["paper"][0]), actor=w.cadre
    ),
}  # fmt: skip


def public(app: str) -> set[str]:
    """The functions of an app's services; of a module those that stand in it themselves."""
    module = SERVICES[app]
    return {
        f"{app}.{name}"
        for name, each in vars(module).items()
        if inspect.isfunction(each)
        and not name.startswith("_")
        and each.__module__.startswith(module.__name__)
    }


def test_every_service_is_tried_or_has_a_reason() -> None:
    every = set().union(*(public(app) for app in SERVICES))
    assert sorted(every) == sorted([*CALLS, *OTHERS])


@pytest.mark.parametrize("name", sorted(CALLS))
def test_an_archived_campaign_takes_nothing(world: World, objects: Arguments, name: str) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(archived_at=timezone.now())
    world.campaign.refresh_from_db()
    before = all_rows()
    with pytest.raises(PermissionDenied, match=ARCHIVED):
        CALLS[name](world, objects)
    assert changed(before, all_rows()) == set()


def test_with_the_question_switched_off_they_write(
    world: World, objects: Arguments, monkeypatch: pytest.MonkeyPatch
) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(archived_at=timezone.now())
    before = Issue.objects.count()
    for app in ("issues.services.items", "visits.services.visit", "evaluations.services"):
        monkeypatch.setattr(f"{app}.require_open", lambda campaign_id: None)
    CALLS["issues.write_issue"](world, objects)
    CALLS["visits.record_visit"](world, objects)
    CALLS["evaluations.create_round"](world, objects)
    assert Issue.objects.count() == before + 1
    assert Round.objects.filter(state=RoundState.DRAFT).count() == 2
