"""One entry joins the register by hand, by the checks of an import."""

from collections.abc import Collection, Mapping, Sequence

from django.core.exceptions import PermissionDenied

from campaign.models import Campaign
from campaign.services import Refused, require_open
from core import audit
from core.columns import RowError, in_order
from core.workbook import Row, clean_text
from organisation.models import User
from visits.choices import TargetKind
from visits.models import Target
from visits.queries import gazetteer_for, registered_entries
from visits.queries.likeness import Resembled, registered_alike
from visits.register.comparison import compare
from visits.register.fields import FIELDS
from visits.register.places import Gazetteer
from visits.register.rows import Entry, read_entry, strange_code
from visits.rules import can_import_register
from visits.services.changes import join_target
from visits.services.register import held_freeze

NOT_KEEPER = "只有作风办和组织部可以登记走访对象。"
_OF_THE_ROW = {"row", "village_id"}  # and not of the target
TAKEN = "登记册里已有这个编号，但内容不一样。请核对编号；移出过的对象，请在它的页面上恢复。"


class NotAccepted(Exception):
    """What is wrong with the values, by their headings."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__("；".join(error.text for error in errors))
        self.errors = errors


class Doubtful(Exception):
    """What may well be right, but is seldom so; by their headings."""

    def __init__(self, doubts: Sequence[RowError]) -> None:
        super().__init__("；".join(doubt.text for doubt in doubts))
        self.doubts = doubts


class Alike(Exception):
    """The entry resembles some of the register that the person has not been shown."""

    def __init__(self, found: Sequence[Resembled]) -> None:
        super().__init__("像是已经登记过的")
        self.found = found


@audit.atomic
def join_by_hand(
    *,
    campaign: Campaign,
    kind: TargetKind,
    values: Mapping[str, str],
    actor: User,
    reason: str = "",
    seen: Collection[int] = (),
    is_sure: bool = False,
) -> tuple[Target, bool]:
    """The entry of these values (by the headings of the register), and whether it is new.

    The same values again find the entry that is there, so that a second click registers
    nothing. ``seen`` are the keys of entries that the person has looked at and found to be
    others; ``is_sure``: the person has compared a strange code with its source. After the freeze
    it is a change with its reason. Raises NotAccepted, Doubtful, Alike, Refused.
    """
    require_open(campaign.pk)
    if not can_import_register(actor):
        raise PermissionDenied(NOT_KEEPER)
    held_freeze(campaign)
    gazetteer = gazetteer_for(actor, campaign)
    entry = _accepted(kind, values, gazetteer)
    known = registered_entries(campaign, kind, [entry.code])
    if known:
        return _the_same(campaign, kind, entry, known, gazetteer), False
    doubts = strange_code(kind, entry)
    if doubts and not is_sure:
        raise Doubtful(doubts)
    alike = registered_alike(actor, campaign, kind, [entry], gazetteer)
    if any(each.key not in seen for each in alike):
        raise Alike(alike)
    target = Target(
        campaign=campaign,
        kind=kind,
        **{name: value for name, value in vars(entry).items() if name not in _OF_THE_ROW},
    )
    return join_target(campaign=campaign, target=target, reason=reason, actor=actor), True


def _accepted(kind: TargetKind, values: Mapping[str, str], gazetteer: Gazetteer) -> Entry:
    given = {each.heading: clean_text(values.get(each.heading, "")) for each in FIELDS[kind]}
    entry, errors = read_entry(kind, Row(0, given), gazetteer)
    if errors or entry is None:
        raise NotAccepted(in_order(errors, FIELDS[kind]))
    return entry


def _the_same(
    campaign: Campaign,
    kind: TargetKind,
    entry: Entry,
    known: Mapping[str, Entry],
    gazetteer: Gazetteer,
) -> Target:
    """The entry of this code, where it says the very same. Raises Refused."""
    found = compare(kind, [entry], known, gazetteer)
    entries = Target.objects.filter(campaign=campaign, kind=kind).registered()
    target = entries.filter(code=entry.code).first()
    if found.errors or found.phones or target is None:
        raise Refused(TAKEN)
    return target
