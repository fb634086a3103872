"""What an event is like that somebody is writing: own items, and those of all others.

Of items that the reader may not open it tells only that there is one: neither its text, nor its
number, nor its unit, nor how like it is, since by that names could be tried until they fit.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from django.db import connection

from issues.choices import State
from issues.likeness import BANDS, LEAST, bands, overlap, shingles
from issues.models import Issue, LikenessKeys
from issues.queries.lists import kin_of
from organisation.models import User

LIKE = 0.6  # a copy with names, dates and places changed
OWN = 100  # latest own items, which are compared without an index
PER_KEY = 100  # however often a text was copied
READ = 100  # texts that are read and compared
SHOWN = 3
MANY = 10
ONCE = "同一件事只写一次。"
NOT_COPIED = "请写自己遇到的那一次，不要照抄。"
Share = tuple[float, Issue]

# In SQL, because a union of limited queries has to be wrapped for SQLite, and building twelve
# of them in Python takes twice as long as all the rest.
_SHARING = " UNION ALL ".join(
    f"SELECT issue_id FROM (SELECT issue_id FROM {LikenessKeys._meta.db_table}"  # noqa: S608
    f" WHERE band{place} = %s LIMIT %s) AS found{place}"
    for place in range(BANDS)
)


@dataclass(frozen=True)
class Like:
    """One finding. ``issue`` and ``share`` only where the reader may open it."""

    issue: Issue | None = None
    share: float | None = None
    is_own: bool = False
    is_common: bool = False  # many have handed in the same

    @property
    def fact(self) -> str:
        """What it is like, for whoever reads it."""
        if self.issue is None or self.share is None:
            whose = "不少人交的问题" if self.is_common else "别人交的一个问题"
            return f"这段经过与{whose}大同小异。"
        whose = f"{'您自己的 ' if self.is_own else ''}{self.issue.number}「{self.issue.title}」"
        return f"这段经过与{whose}有 {int(self.share * 100)}% 相同。"

    @property
    def text(self) -> str:
        """What to tell the writer."""
        return self.fact + (ONCE if self.is_own else NOT_COPIED)


def like_items(event: str, *, reader: User, except_issue: int | None = None) -> list[Like]:
    """What the event is like, own items first, then those the reader may open, then others'.

    Reads a bounded number of rows, however many there are and however often one was copied.
    ``except_issue`` has no effect on what the reader may not open, or it would tell its number.
    """
    runs = shingles(event)
    if len(runs) < LEAST:
        return []
    others = _alike(runs, _others(event, reader))
    seen = _visible(others, reader)
    open_to = [*_alike(runs, _own(reader)), *(each for each in others if each[1].pk in seen)]
    named = [
        Like(issue, share, is_own=issue.author_id == reader.pk)
        for share, issue in open_to
        if issue.pk != except_issue
    ]
    unseen = len(others) - len(seen)
    return named[:SHOWN] + ([Like(is_common=unseen >= MANY)] if unseen else [])


def likes_of(issue: Issue, reader: User) -> list[Like]:
    """The same of an item that is written already, without its kin."""
    found = like_items(issue.event, reader=reader, except_issue=issue.pk)
    return strangers(found, kin_of(issue.pk)) if found else []


def strangers(found: list[Like], kin: Collection[int]) -> list[Like]:
    """Without what an item is made of: that is like it for good reason."""
    return [like for like in found if like.issue is None or like.issue.pk not in kin]


def _own(reader: User) -> list[Issue]:
    """Drafts too; what one has taken back may be written anew."""
    found = Issue.objects.filter(author=reader).exclude(state=State.WITHDRAWN)
    return list(found.only("author", "title", "event").order_by("-pk")[:OWN])


def _others(event: str, reader: User) -> list[Issue]:
    """Handed in by others, and likely to be like it."""
    found = Issue.objects.handed_in().filter(pk__in=_candidates(event)).exclude(author=reader)
    return list(found.only("author", "title", "event").order_by("-pk"))


def _candidates(event: str) -> list[int]:
    """The items that share most keys, the newest of equals."""
    limits = ((key, PER_KEY) for key in bands(event))
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, list(chain.from_iterable(limits)))
        shared = Counter(issue for (issue,) in cursor.fetchall())
    return sorted(shared, key=lambda issue: (-shared[issue], -issue))[:READ]


def _alike(runs: frozenset[str], issues: list[Issue]) -> list[Share]:
    """Those that are like it indeed, the likest first."""
    pairs = ((overlap(runs, shingles(issue.event)), issue) for issue in issues)
    return sorted((each for each in pairs if each[0] >= LIKE), key=lambda each: -each[0])


def _visible(found: list[Share], reader: User) -> set[int]:
    keys = [issue.pk for _, issue in found]
    return set(Issue.objects.visible_to(reader).filter(pk__in=keys).values_list("pk", flat=True))
