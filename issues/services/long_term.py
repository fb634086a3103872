"""What a long-term item keeps with its text and on its way: the plan and the consent."""

from django.db import IntegrityError
from django.utils import timezone

from core import audit
from issues.choices import Kind
from issues.milestones import Plan, faults, has_passed
from issues.models import Consent, Issue, IssueVersion, LongTerm, Milestone
from issues.queries import plan_of, unreported
from issues.workflow import Move, Refused
from organisation.models import User

NO_PLAN = "长期坚持的原因或阶段节点不完整，不能备案。请退回修改，写明缺什么。"
TOO_LATE = "有阶段节点的日子已经过了，不能备案。请退回修改，请填报人重新定节点。"


def text_of(plan: Plan | None) -> dict[str, str]:
    """What of the plan belongs into a version's text, so that its hash binds it."""
    values = plan.values() if plan else {}
    return {name: str(value or "") for name, value in values.items()}


def keep_plan(version: IssueVersion, plan: Plan | None) -> None:
    """The plan as rows, beside the version whose text says the same."""
    if plan is None:
        return
    kept = LongTerm.objects.create(
        version=version, reason=plan.reason, begins_on=timezone.localdate()
    )
    Milestone.objects.bulk_create(
        Milestone(plan=kept, number=step.number, due_on=step.day, shows=step.shows)
        for step in plan.steps
    )


def keep_consent(issue: Issue, move: Move, actor: User, content: str) -> None:
    """Of a step: refuse it while the plan does not stand; filing is the office's consent."""
    if issue.kind != Kind.LONG_TERM:
        return
    if move.name == "submit":
        _require_sound(issue)
    elif move.name == "file":
        _consent(issue, actor, content)
    elif move.name == "apply":
        _require_reported(issue)


def _require_sound(issue: Issue) -> None:
    plan = plan_of(issue) or Plan()
    today = timezone.localdate()
    found = faults(plan, today=today, due_on=issue.due_on, source=issue.source)
    if said := [fault.say for fault in found]:
        raise Refused("还不能提交，长期坚持的安排要补：" + "".join(said) + "请点「修改」补全。")


def _consent(issue: Issue, actor: User, content: str) -> None:
    kept = LongTerm.objects.filter(version__issue=issue, version__number=issue.version).first()
    plan = plan_of(issue)
    if kept is None or plan is None:
        raise Refused(NO_PLAN)
    if any(faults(plan, today=kept.begins_on, due_on=issue.due_on, source=issue.source)):
        raise Refused(NO_PLAN)
    if has_passed(plan, timezone.localdate()):
        raise Refused(TOO_LATE)
    try:
        with audit.atomic():
            Consent.objects.create(plan=kept, given_by=actor, content_hash=content)
    except IntegrityError:  # somebody was faster
        raise Refused("这个问题刚刚办过备案。请刷新页面查看最新情况。") from None


def _require_reported(issue: Issue) -> None:
    names = [row.name for row in unreported(issue)]
    if names:
        raise Refused("申请销号前，请先报告每个节点的阶段性成果。还没有报告：" + "、".join(names))
