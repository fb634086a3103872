"""The keys by which like problems are found follow what is handed in."""

from collections.abc import Iterator, Sequence

from core import audit
from issues.choices import NOT_HANDED_IN, State
from issues.models import Issue, LikenessKeys

AT_ONCE = 500


def keep_likeness(issue: Issue, state: State) -> None:
    """After a step, in its transaction: what is handed in is found, what is taken back is not."""
    if state in NOT_HANDED_IN:
        LikenessKeys.objects.filter(issue=issue).delete()
    elif state == State.SUBMITTED:
        _put([(issue.pk, issue.event)])


def index_likeness(*, afresh: bool = False) -> Iterator[int]:
    """Make the keys that are missing, or all of them ``afresh``; yield how many items each time.

    A few hundred at a time, each with its item held: work goes on meanwhile, and who breaks it
    off and runs it again loses nothing.
    """
    LikenessKeys.objects.filter(issue__state__in=NOT_HANDED_IN).delete()
    wanted = Issue.objects.handed_in().order_by("pk")
    if not afresh:
        wanted = wanted.filter(likeness_keys=None)
    last = 0
    while True:
        with audit.atomic():
            rows = wanted.select_for_update(of=("self",)).filter(pk__gt=last)
            found = list(rows.values_list("pk", "event")[:AT_ONCE])
            _put(found)
        if not found:
            return
        last = found[-1][0]
        yield len(found)


def _put(events: Sequence[tuple[int, str]]) -> None:
    LikenessKeys.objects.filter(pk__in=[issue for issue, _ in events]).delete()
    keys = (LikenessKeys.of(issue, event) for issue, event in events)
    LikenessKeys.objects.bulk_create([each for each in keys if each])
