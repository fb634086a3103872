"""What has become of an appeal elsewhere: apps above say it for the appeal's page.

Each answers with lines and with offers for one reader; visits knows neither problem items nor
slips.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One thing that was made of it; without ``url`` the reader may not open it."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Offer:
    """A page on which the reader may make something of it."""

    label: str
    url: str


@dataclass(frozen=True)
class Followed:
    """What one app has to say."""

    lines: tuple[Line, ...] = ()
    offers: tuple[Offer, ...] = ()


Follower = Callable[[Any, Any], Followed]
_followers: list[Follower] = []


def follow_with(follower: Follower) -> None:
    """Said once by each app when it starts; it is given the reader and the appeal."""
    _followers.append(follower)


GroupOffer = Callable[[Any, Sequence[int]], Offer | None]
_group_offers: list[GroupOffer] = []


def offer_with(offer: GroupOffer) -> None:
    """Said once by the app that makes something of several; it is given the reader and keys."""
    _group_offers.append(offer)


GroupFollower = Callable[[Any, Any], Mapping[int, Line]]
_group_followers: list[GroupFollower] = []


def follow_group_with(follower: GroupFollower) -> None:
    """Said once by the same app: what it has made of some of the appeals, by their keys.

    It is given the reader and a query for the appeals, and asks once for all of them.
    """
    _group_followers.append(follower)


def made_of(user: Any, appeals: Any) -> dict[int, Line]:
    """By the key of an appeal, what any app has made of it."""
    found: dict[int, Line] = {}
    for follower in _group_followers:
        found |= follower(user, appeals)
    return found


def offer_for_group(user: Any, keys: Sequence[int]) -> Offer | None:
    """The first that any app has for these appeals."""
    return next((made for each in _group_offers if (made := each(user, keys))), None)


def followed(user: Any, appeal: Any) -> Followed:
    """What all apps say together."""
    found = [follower(user, appeal) for follower in _followers]
    lines = tuple(line for each in found for line in each.lines)
    offers = tuple(offer for each in found for offer in each.offers)
    return Followed(lines, offers)
