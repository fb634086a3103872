"""The roster: the people a reader sees, narrowed, with what a row shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from core.fields import matching
from organisation.choices import UNIT_ROLES, Tier
from organisation.models import Grant, Posting, Session, Unit, User
from organisation.models.people import UserQuerySet

POWERS = {"approves": "审批权", "enforces": "执法权", "allocates": "资金分配权"}
COUNTED = {"unit", "under", "state"}  # what the index user_in_use counts
IN_USE, INITIAL, DISABLED, ALL = "", "initial", "disabled", "all"


@dataclass(frozen=True)
class Criteria:
    """What the roster is narrowed to; a value that nobody knows finds nobody."""

    words: str = ""
    unit: str = ""
    under: str = ""
    tier: str = ""
    power: str = ""
    role: str = ""
    state: str = IN_USE

    @classmethod
    def read(cls, values: Mapping[str, object]) -> "Criteria":
        """From a form or a stored job; what else stands there is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: str(value or "") for key, value in values.items() if key in known})

    @property
    def written(self) -> dict[str, str]:
        return {key: value for key, value in asdict(self).items() if value}

    @property
    def is_counted(self) -> bool:
        """Whether counting the roster is cheap: by unit and state an index answers alone.

        Names, posts and rights would have to be read, which costs more than the page.
        """
        return self.written.keys() <= COUNTED

    def narrow(self, people: UserQuerySet, viewer: User) -> QuerySet[User]:
        """The people among those whom all of it fits."""
        found = people.filter(self._account(), self._words())
        if self.unit or self.under:
            found = found.filter(unit__in=self._units(viewer).values("pk"))
        if self.tier or self.power:
            found = found.filter(**self._posting())
        if self.role:
            holders = Grant.objects.current(timezone.localdate()).filter(role=self.role)
            found = found.filter(pk__in=holders.values("user"))
        return found

    def _account(self) -> Q:
        """With words also those who have left: one looks for them by name."""
        if self.state == DISABLED:
            return Q(is_active=False)
        if self.state == INITIAL:
            return Q(is_active=True, password_is_initial=True)
        return Q() if self.state == ALL or self.words else Q(is_active=True)

    def _words(self) -> Q:
        words = self.words.strip()
        if not words:
            return Q()
        return Q(name__icontains=words) | Q(username__icontains=words)

    def _units(self, viewer: User) -> QuerySet[Unit]:
        units = Unit.objects.visible_to(viewer)
        if self.unit:
            units = units.filter(name__icontains=self.unit.strip())
        if self.under:
            top = chosen_unit(viewer, self.under)
            units = units.filter(path__under=top.path) if top else units.none()
        return units

    def _posting(self) -> dict[str, object]:
        """By the index on tiers, for powers too: nobody ordinary holds one."""
        wanted: dict[str, object] = {"postings__until": None}
        if self.tier:
            wanted["postings__tier"] = self.tier if self.tier in Tier else ""
        if self.power:
            wanted |= {f"postings__{self.power}": True} if self.power in POWERS else {"pk": 0}
            wanted["postings__tier__in"] = [Tier.LEADING, Tier.KEY_POST]
        return wanted


def chosen_unit(viewer: User, key: str) -> Unit | None:
    """The unit of that number in the viewer's scope."""
    if not key.isdecimal() or len(key) > 18:
        return None
    return Unit.objects.visible_to(viewer).filter(pk=int(key)).first()


def roster(viewer: User, criteria: Criteria) -> QuerySet[User]:
    """The people as rows: the unit in the same query, postings and rights in one more each."""
    found = criteria.narrow(User.objects.visible_to(viewer), viewer)
    return with_posts(found.select_related("unit"))


def by_phone(viewer: User, number: str) -> QuerySet[User]:
    """The people with exactly this telephone number, or with it for a login name."""
    found = matching(User, "phone_index", number) | Q(username=number)
    return with_posts(User.objects.visible_to(viewer).filter(found).select_related("unit"))


def with_posts(people: QuerySet[User]) -> QuerySet[User]:
    """Each with ``open_postings`` (one at most) and the ``rights`` in force."""
    rights = Grant.objects.current(timezone.localdate()).order_by("id")
    return people.prefetch_related(
        Prefetch("postings", Posting.objects.filter(until=None), to_attr="open_postings"),
        Prefetch("grants", rights, to_attr="rights"),
    )


@dataclass(frozen=True)
class Rights:
    """A person's rights: in force or yet to begin, and those of the past."""

    now: list[Grant]
    before: list[Grant]


def rights_of(person: User) -> Rights:
    """With places and givers; one query."""
    today = timezone.localdate()
    grants = Grant.objects.filter(user=person).order_by("-id")
    found = list(grants.select_related("unit__area", "area", "granted_by", "revoked_by"))
    return Rights(
        now=[each for each in found if not _over(each, today)],
        before=[each for each in found if _over(each, today)],
    )


def _over(grant: Grant, today: date) -> bool:
    return grant.revoked_at is not None or (grant.until is not None and grant.until < today)


def open_posting(person: User) -> Posting | None:
    """The posting without an end; None for those who have left."""
    return Posting.objects.filter(user=person, until=None).select_related("unit__area").first()


def is_in_office(person: User) -> bool:
    """Whether a posting holds today or later, so that none can begin today."""
    still = Q(until=None) | Q(until__gte=timezone.localdate())
    return Posting.objects.filter(still, user=person).exists()


def last_posting(person: User) -> Posting | None:
    """The latest one, whether it has ended or not."""
    return postings_of(person).first()


def postings_of(person: User) -> QuerySet[Posting]:
    """The newest first."""
    return Posting.objects.filter(user=person).select_related("unit").order_by("-since")


def session_count(person: User) -> int:
    """In how many browsers the person is signed in."""
    return Session.objects.filter(user=person, expire_date__gt=timezone.now()).count()


def rights_lost_by_move(person: User) -> list[Grant]:
    """What a move takes back: the rights held over the unit of today and below."""
    if person.unit is None:
        return []
    path = person.unit.path
    return [
        each
        for each in rights_of(person).now
        if each.role in UNIT_ROLES and each.unit and each.unit.is_under(path)
    ]
