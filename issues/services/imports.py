"""A filled ledger: its rows become drafts of the people they name, all or nothing.

Whoever brings a row in has written on that item: as the writer of its first version the
person holds no reviewing part in it, and never signs it (``rules.capacities``).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from campaign.models import Campaign, Category
from campaign.services import require_open
from core import audit, notices
from core.columns import Field, in_order
from core.jobs import JobError, request_job
from core.models import Job
from core.notices import Message
from core.uploads import Flow, Outcome, UploadState
from core.workbook import Row
from issues.choices import Kind
from issues.concreteness import Finding, Span, Text, check
from issues.milestones import Plan
from issues.models import Issue, IssueVersion, LedgerUpload
from issues.queries.sheet import ground_for, present_for
from issues.rules import can_write
from issues.services import long_term
from issues.services.items import version_of
from issues.sheet.fields import FIELDS, HEADINGS, MAX_ROWS
from issues.sheet.reading import Line, number_of, people_in, read_lines, says_something
from organisation.models import User

CHECK, APPLY = "issues.check_ledger", "issues.apply_ledger"
NOT_TO_BRING_IN = "这个账号不参与专项行动，不能导入台账。"
TOLD = "issues.ledger:"  # the message to whom somebody has brought something in
SHOWN_LINES = 300
BATCH = 500


@dataclass(frozen=True)
class LedgerOutcome(Outcome):
    """What a ledger would add, or added; ``told`` says of each new row what it still lacks."""

    new: tuple[Line, ...] = ()
    known: int = 0
    told: tuple[list[object], ...] = ()

    def counted(self) -> dict[str, object]:
        people = len({line.person.pk for line in self.new})
        return {
            "new": len(self.new),
            "people": people,
            "known": self.known,
            "lines": list(self.told),
        }


class LedgerFlow(Flow[LedgerUpload, LedgerOutcome]):
    """Problems of people for whom the reader may bring them in; what is there stays as it is."""

    model = LedgerUpload
    outcome = LedgerOutcome
    max_rows = MAX_ROWS
    apply_task = APPLY
    needs = ("campaign",)
    act = "issues.upload_ledger"
    errors_title = "台账错误清单"
    not_ready = "这份台账还没有通过检查，或已经导入过了。"

    def require_right(self, actor: User) -> None:
        if not can_write(actor):
            raise PermissionDenied(NOT_TO_BRING_IN)

    def fields(self, upload: LedgerUpload) -> Sequence[Field]:
        return FIELDS

    def request_check(self, upload: LedgerUpload, actor: User) -> Job:
        return request_job(kind=CHECK, title="检查问题台账", owner=actor, upload_id=upload.pk)

    def request_writing(self, upload: LedgerUpload, actor: User) -> Job:
        return request_job(kind=APPLY, title="导入问题台账", owner=actor, upload_id=upload.pk)

    def examine(self, upload: LedgerUpload, rows: Sequence[Row]) -> LedgerOutcome:
        reader, campaign = upload.uploaded_by, upload.campaign
        filled = [row for row in rows if says_something(row)]
        ground = ground_for(reader, campaign)
        numbers = {number_of(row) for row in filled} - {0}
        present = present_for(reader, campaign, numbers, people_in(filled, ground))
        found = read_lines(filled, ground, present)
        return LedgerOutcome(
            rows=len(filled),
            errors=in_order(found.errors, FIELDS),
            new=found.lines,
            known=found.known,
            told=tuple(_told(line, campaign) for line in found.lines[:SHOWN_LINES]),
        )

    def lock(self, upload: LedgerUpload) -> None:
        """One import into a campaign at a time; who writes one problem does not wait for it."""
        Campaign.objects.select_for_update(no_key=True).get(pk=upload.campaign_id)

    def write(self, upload: LedgerUpload, found: LedgerOutcome, prepared: Any) -> None:
        try:
            require_open(upload.campaign_id)
        except PermissionDenied as why:
            raise JobError(f"没有导入：{why}") from why
        reader = upload.uploaded_by
        _bring_in(found.new, upload)
        notices.send(_messages(upload, found.new))
        audit.record(
            actor=reader,
            act="issues.import_ledger",
            subject=upload,
            sha256=upload.sha256,
            items=len(found.new),
            known=found.known,
        )


LEDGER_IN = LedgerFlow()


@audit.atomic
def upload_ledger(*, campaign: Campaign, name: str, content: bytes, actor: User) -> LedgerUpload:
    """Keep the file and ask for its check in the background; nothing is written yet.

    The same file sent again while it is being checked is that upload. Raises WorkbookError
    for what is no plain .xlsx, PermissionDenied without the right.
    """
    require_open(campaign.pk)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if under_way := _under_check(campaign, content, actor):
        return under_way
    upload = LedgerUpload(campaign=campaign)
    return LEDGER_IN.upload(upload, name=name, content=content, actor=actor)


@audit.atomic
def request_import(*, upload: LedgerUpload, actor: User) -> Job:
    """Ask for the import of a checked ledger; while one is under way that one is returned."""
    require_open(upload.campaign_id)
    return LEDGER_IN.request_apply(upload=upload, actor=actor)


def _under_check(campaign: Campaign, content: bytes, actor: User) -> LedgerUpload | None:
    same: LedgerUpload | None = LedgerUpload.objects.filter(
        campaign=campaign,
        uploaded_by=actor,
        sha256=hashlib.sha256(content).hexdigest(),
        state=UploadState.UPLOADED,
        job__state__in=[Job.State.QUEUED, Job.State.RUNNING],
    ).first()
    return same


def _told(line: Line, campaign: Campaign) -> list[object]:
    """The row, whose it is, and what its writer will have to mend; no word of the problem."""
    span = Span(campaign.starts_on, campaign.ends_on)
    plan = Plan() if line.text["kind"] == Kind.LONG_TERM else None
    found = check(Text.of(line.text), span, plan.claims() if plan else None)
    gaps = [*_named(each for each in found if each.is_gap)]
    if plan:
        gaps.append("长期坚持的原因和阶段节点")
    vague = _named(each for each in found if not each.is_gap)
    said = [f"还缺：{'、'.join(gaps)}。"] if gaps else []
    said += [f"要写得再具体：{'、'.join(vague)}。"] if vague else []
    return [line.row, line.person.name, "".join(said)]


def _named(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(HEADINGS[each.field] for each in findings))


def _bring_in(lines: Sequence[Line], upload: LedgerUpload) -> None:
    """Drafts with their first versions in a few statements, each audited."""
    reader = upload.uploaded_by
    categories = Category.objects.in_bulk({line.category for line in lines})
    leaders = User.objects.in_bulk({line.leader for line in lines if line.leader})
    issues = [
        Issue(
            campaign_id=upload.campaign_id,
            unit_id=line.person.unit,
            author_id=line.person.pk,
            responsible_id=line.person.pk,
            leader=leaders.get(line.leader or 0),
            category=categories[line.category],
            **line.text,
        )
        for line in lines
    ]
    Issue.objects.bulk_create(issues, batch_size=BATCH)
    plans = [Plan() if issue.kind == Kind.LONG_TERM else None for issue in issues]
    versions = [version_of(issue, reader, plan) for issue, plan in zip(issues, plans, strict=True)]
    IssueVersion.objects.bulk_create(versions, batch_size=BATCH)
    for version, plan in zip(versions, plans, strict=True):
        long_term.keep_plan(version, plan)
        audit.record(
            actor=reader,
            act="issues.bring_in",
            subject=version.issue,
            person=version.issue.author_id,
        )


def _messages(upload: LedgerUpload, lines: Sequence[Line]) -> list[Message]:
    """Whose problems somebody else has brought in is asked to look them through."""
    number = Counter(line.person.pk for line in lines)
    del number[upload.uploaded_by_id]
    by, page = upload.uploaded_by.name, f"{reverse('issues:issue-list')}?state=draft"
    body = "请逐条看一遍，不对的修改或撤回，属实的由您本人提交。"
    return [
        Message(f"{TOLD}{upload.pk}", person, f"{by}替您录入了 {n} 个问题的草稿", body, page)
        for person, n in sorted(number.items())
    ]
