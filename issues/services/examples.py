"""Good examples: chosen and checked by the office, taken down by it, the author or a relapse."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone

from campaign.services import require_open
from core import audit, notices
from core.notices import Message
from issues.choices import SETTLED, Ending
from issues.models import EXAMPLE_TEXT, GoodExample, Issue
from issues.queries import page_of_item, still_named
from issues.rules import can_choose_example, can_take_down
from issues.workflow import Move, Refused
from organisation.models import User

NOT_YOURS_TO_CHOOSE = "好示例由作风办从已销号、没有反弹过的问题中选，本人的问题不能由本人选。"
NOT_YOURS_TO_TAKE_DOWN = "好示例由本人或者作风办撤下。"
CHOSEN = "这个问题已经选作好示例。要改文字，请先撤下再选。"
CHANGED = "这个问题的情况已经变化，不能选作好示例。请刷新页面查看。"
OBJECTED = "本人已经撤下过这个示例，不能再选。请换一个问题。"
TOLD = "文字已经隐去人名、单位和地名。您不愿意公开的，打开这个问题点「撤下」，立即生效。"


@audit.atomic
def choose_example(*, issue: Issue, actor: User, text: dict[str, str]) -> GoodExample:
    """Show the item, told anew, to everybody who takes part; its author hears of it.

    ``text`` maps EXAMPLE_TEXT to words in which no name around the item may stand. Raises
    PermissionDenied, Refused; audited.
    """
    if not can_choose_example(actor, issue):
        raise PermissionDenied(NOT_YOURS_TO_CHOOSE)
    require_open(issue.campaign_id)
    words = {name: text[name].strip() for name in EXAMPLE_TEXT}
    if not all(words.values()):
        raise Refused("每一栏都要填：改前什么样、为什么、怎么改的、改后什么样。")
    if left := still_named(issue, words):
        raise Refused(f"还看得出是谁：「{'」「'.join(left)}」。请换成某某、某单位、某地。")
    if issue.examples.filter(ending=Ending.AUTHOR).exists():
        raise Refused(OBJECTED)
    chosen = _chosen(issue, actor, words)
    audit.record(actor=actor, act="issues.choose_example", subject=issue)
    title = f"您的问题「{issue.title}」整改得好，已选作示例"
    event = f"issues.example:{chosen.pk}"
    notices.send([Message(event, issue.author_id, title, TOLD, page_of_item(issue))])
    return chosen


def _chosen(issue: Issue, actor: User, words: dict[str, str]) -> GoodExample:
    """The row, with the item held: a relapse comes before it or after, never between."""
    good = Issue.objects.filter(pk=issue.pk, state__in=SETTLED, relapse_count=0)
    if not good.select_for_update(of=("self",)).values_list("pk", flat=True):
        raise Refused(CHANGED)
    try:
        with audit.atomic():
            return GoodExample.objects.create(issue=issue, chosen_by=actor, **words)
    except IntegrityError:  # it is one already
        raise Refused(CHOSEN) from None


@audit.atomic
def take_down_example(*, issue: Issue, actor: User) -> None:
    """Readers lose it at once. Of the author no reason is asked; who chose it is told.

    Raises PermissionDenied, Refused; audited.
    """
    if not can_take_down(actor, issue):
        raise PermissionDenied(NOT_YOURS_TO_TAKE_DOWN)
    require_open(issue.campaign_id)
    shown = issue.examples.shown().first()
    ending = Ending.AUTHOR if actor.pk == issue.author_id else Ending.OFFICE
    if shown is None or not _ended(issue, ending, actor):
        raise Refused("这个示例已经撤下。")
    audit.record(actor=actor, act="issues.take_down_example", subject=issue)
    if ending == Ending.AUTHOR:
        title = f"好示例「{shown.title}」已由本人撤下"
        body = "不用处理，也不要追问原因。需要时请换一个问题。"
        event = f"issues.example_down:{shown.pk}"
        notices.send([Message(event, shown.chosen_by_id, title, body, page_of_item(issue))])


def end_with_relapse(issue: Issue, move: Move, actor: User) -> None:
    """Of a step: what has relapsed is no good example any more."""
    if move.name == "relapse":
        _ended(issue, Ending.RELAPSE, actor)


def _ended(issue: Issue, ending: Ending, actor: User) -> bool:
    shown = GoodExample.objects.filter(issue=issue).shown()
    return bool(shown.update(ending=ending, ended_by=actor, ended_at=timezone.now()))
