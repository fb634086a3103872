"""What a signature is about: one version of the text and its files, and whether they still hold."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.files import FileGone, open_stored
from issues.choices import LongReason
from issues.milestones import FIELDS, LABELS
from issues.models import TEXT_FIELDS, Evidence, Issue, IssueEvent, IssueVersion, SignOff, hash_of
from organisation.models import User

ORDER = ("category", "source", "nature", *TEXT_FIELDS, *FIELDS, "leader", "responsible")
MOST_ELSEWHERE = 20  # other items with the same file that are named
PIECE = 1 << 20  # of a file, read at once
SHORT = 16  # of a fingerprint, where two of one item are told apart


@dataclass(frozen=True)
class Line:
    """One field of a text as it was saved."""

    label: str
    text: str


@dataclass(frozen=True)
class Change:
    """What is another now: a line of the text, or a file that came or went."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Seen:
    """What a page showed to who is about to sign: the version, and the files by fingerprint.

    Travels through the form as ``3-1f2e…-9a8b…``.
    """

    version: int
    files: tuple[str, ...]

    def __str__(self) -> str:
        return "-".join([str(self.version), *self.files])

    @classmethod
    def read(cls, words: str) -> "Seen | None":
        """None for what is none of ours."""
        number, *files = words.split("-")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            return None
        return cls(int(number), tuple(files))


@dataclass(frozen=True)
class FileCheck:
    """A file that was signed: its row if there is one, and what its bytes say today."""

    name: str
    sha256: str
    evidence: Evidence | None
    holds: bool
    is_there: bool


@dataclass(frozen=True)
class Check:
    """What was signed, reckoned anew: the text, each file, and the fingerprint of it all."""

    text_holds: bool
    files: tuple[FileCheck, ...]
    whole_holds: bool

    @property
    def holds(self) -> bool:
        return self.text_holds and self.whole_holds and all(file.holds for file in self.files)


def lines_of(text: Mapping[str, str]) -> list[Line]:
    """The filled lines of a version, in the order of the form, as people read them."""
    return [Line(_label(name), _shown(name, text[name])) for name in ORDER if text.get(name)]


def text_to_sign(issue: Issue) -> IssueVersion:
    """The version that a signature given now binds."""
    return issue.versions.select_related("author").latest("number")


def seen_now(issue: Issue) -> Seen:
    files = issue.evidence.current().values_list("sha256", flat=True)
    return Seen(text_to_sign(issue).number, tuple(each[:SHORT] for each in files))


def changes_since(issue: Issue, seen: Seen) -> list[Change]:
    """What of the text and the files is another than what was seen then."""
    now = text_to_sign(issue)
    then = issue.versions.filter(number=seen.version).first()
    lines = changed_lines(then.text, now.text) if then else []
    return lines + _changed_files(issue.evidence.all(), seen.files)


def steps_to_sign(issue: Issue) -> list[IssueEvent]:
    """From the last application for sign-off on: who applied, who countersigned.

    An application that answers a return begins with the return: what was asked for.
    """
    events = list(issue.events.select_related("actor"))
    applied = [place for place, event in enumerate(events) if event.move == "apply"]
    if not applied:
        return []
    first = applied[-1]
    return events[first - events[first - 1].is_return :]


def files_to_sign(issue: Issue, reader: User) -> list[tuple[Evidence, list[Issue]]]:
    """Each file, with the first other items that the reader may see it stand for as well."""
    files = list(issue.evidence.current().select_related("uploaded_by"))
    seen = Issue.objects.visible_to(reader).exclude(pk=issue.pk)
    same = Evidence.objects.current().filter(
        sha256__in=[each.sha256 for each in files], issue__in=seen
    )
    elsewhere: dict[str, list[Issue]] = {}
    for each in same.select_related("issue").order_by("id")[:MOST_ELSEWHERE]:
        elsewhere.setdefault(each.sha256, []).append(each.issue)
    return [(each, elsewhere.get(each.sha256, [])) for each in files]


def opinion_of(sign_off: SignOff) -> str:
    """What the signer wrote beside the signature; signatures and their steps come in one order."""
    earlier = SignOff.objects.filter(issue=sign_off.issue, pk__lt=sign_off.pk).count()
    steps = IssueEvent.objects.filter(issue=sign_off.issue, move="sign_off").order_by("id")
    return next((step.note for step in steps[earlier : earlier + 1]), "")


def signed_text(sign_off: SignOff) -> IssueVersion | None:
    versions = IssueVersion.objects.select_related("author")
    return versions.filter(issue=sign_off.issue, number=sign_off.version).first()


def checked(sign_off: SignOff) -> Check:
    """Reckon every fingerprint of the signature anew, of the files from their bytes."""
    text = signed_text(sign_off)
    sha256 = hash_of(text.text) if text else ""
    files = tuple(_checked_file(sign_off, each) for each in sign_off.evidence)
    whole = hash_of({"text": sha256, "evidence": [each["sha256"] for each in sign_off.evidence]})
    return Check(
        text_holds=bool(text) and sha256 == sign_off.text_sha256,
        files=files,
        whole_holds=whole == sign_off.content_hash,
    )


def _checked_file(sign_off: SignOff, signed: Mapping[str, str]) -> FileCheck:
    rows = Evidence.objects.filter(issue=sign_off.issue, sha256=signed["sha256"])
    row = rows.select_related("uploaded_by").order_by("id").first()
    found = _digest(row) if row else ""
    return FileCheck(signed["name"], signed["sha256"], row, found == signed["sha256"], bool(found))


def _digest(evidence: Evidence) -> str:
    """Of the bytes in the storage; empty when they are gone."""
    try:
        with open_stored(evidence.file, of=evidence, gone="") as file:
            digest = hashlib.sha256()
            while part := file.read(PIECE):
                digest.update(part)
    except FileGone:
        return ""
    return digest.hexdigest()


def _label(name: str) -> str:
    if name in LABELS:
        return LABELS[name]
    return str(Issue._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _shown(name: str, value: str) -> str:
    if name in LABELS:
        return str(dict(LongReason.choices).get(value, value))
    choices = dict(Issue._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(value, value))


def changed_lines(then: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    """Of two versions of a text, the lines that differ."""
    return [
        Change(_label(name), _shown(name, then.get(name, "")), _shown(name, now.get(name, "")))
        for name in ORDER
        if then.get(name, "") != now.get(name, "")
    ]


def _changed_files(rows: Collection[Evidence], seen: Collection[str]) -> list[Change]:
    """Files that were not there then, and files that were there and count no more."""
    here = {each.sha256[:SHORT]: each for each in rows if each.dropped_at is None}
    came = [Change("佐证", "", each.name) for key, each in here.items() if key not in seen]
    known = {each.sha256[:SHORT]: each for each in rows}
    gone = [known[key] for key in seen if key in known and key not in here]
    return came + [Change("佐证", each.name, "") for each in gone]
