"""Own disclosure: the moment in which somebody came forward."""

from core import audit
from issues.models import Disclosure, Issue
from issues.rules import can_disclose
from issues.workflow import Move, Refused
from organisation.models import User

NOT_TO_DISCLOSE = "只有自己查找、由本人提交的个人问题，才能记为主动说明。请取消勾选后再提交。"


def keep_disclosure(issue: Issue, move: Move, actor: User) -> None:
    """With the handing in: the moment, and which text. A first one is never replaced."""
    if Disclosure.objects.filter(issue=issue).exists():
        return
    if move.name != "submit" or not can_disclose(actor, issue):
        raise Refused(NOT_TO_DISCLOSE)
    version = issue.versions.get(number=issue.version)
    made = Disclosure.objects.create(issue=issue, person=actor, text_sha256=version.sha256)
    audit.record(actor=actor, act="issues.disclose", subject=issue, content=made.text_sha256)
