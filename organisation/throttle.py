"""Slows down the guessing of passwords: django-axes, told what to count and what to forget.

Counted is the pair of name and network, so that a whole office behind one address goes on
working and nobody can lock a leader out from elsewhere. A refused name is kept as a keyed
hash only, since people type passwords into the wrong field; nothing else of the request
is kept, and nothing goes to the log.
"""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.utils import timezone
from django.utils.crypto import salted_hmac

IPV4_NETWORK, IPV6_NETWORK = 24, 64  # what one office or one household usually has
FAILURES = 5  # of one name, from one network
GUESSES = 30  # of all people of one network, at one public door
DOOR = "\n"  # begins what no name that is typed can begin with
NOWHERE = "0.0.0.0"  # noqa: S104 -- a name for callers without an address, nothing listens on it


class ThrottleHandler(AxesDatabaseHandler):
    """One row for each pair of name and network, without what the browser sent."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is not None:
            request.axes_user_agent = request.axes_http_accept = request.axes_path_info = ""
        super().user_login_failed(sender, credentials, request, **kwargs)

    def post_save_access_attempt(self, instance: AccessAttempt, **kwargs: Any) -> None:
        """Within the transaction of the save: form fields never reach the disk."""
        AccessAttempt.objects.filter(pk=instance.pk).update(get_data="", post_data="")


def network_of(request: Any) -> str:
    """The caller's network, in the one spelling that the database gives back."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return NOWHERE
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    size = IPV6_NETWORK if isinstance(address, IPv6Address) else IPV4_NETWORK
    return str(ip_network(f"{address}/{size}", strict=False).network_address)


def name_key(request: Any, credentials: dict[str, Any] | None) -> str:
    """What stands for the typed name in the table."""
    name = str((credentials or {}).get("username") or "")
    return salted_hmac("organisation.throttle", name.casefold(), algorithm="sha256").hexdigest()


def nobody(*whoever: Any) -> str:
    """How the library's log lines call the person."""
    return "somebody"


def keep_answer(request: Any, answer: Any, credentials: dict[str, Any] | None = None) -> Any:
    """The view's own answer to somebody locked out, who was told there how long to wait."""
    return answer


def is_locked(request: Any) -> bool:
    """Whether the sign-in tried in this request was refused for too many failures."""
    return bool(getattr(request, "axes_locked_out", False))


def was_counted(request: Any) -> bool:
    """Whether a failure of this request was counted; those during the lock are not."""
    return getattr(request, "axes_failures_since_start", None) is not None


def minutes_to_wait(request: Any, username: str) -> int:
    """How long the pair of name and network stays locked, rounded up; at least one minute."""
    attempt = AccessAttempt.objects.filter(
        username=name_key(request, {"username": username}), ip_address=network_of(request)
    ).first()
    began = attempt.attempt_time if attempt else timezone.now()
    left = began + (get_cool_off(request) or timedelta()) - timezone.now()
    return max(1, ceil(left.total_seconds() / 60))


def forgive(request: Any, username: str) -> None:
    """Forget the failures of the pair, after the right password."""
    AxesProxyHandler.update_request(request)
    AxesProxyHandler.get_implementation().reset_user_attempts(request, {"username": username})


def is_shut(request: Any, door: str) -> bool:
    """Whether the caller's network has guessed too often at a public door."""
    return not AxesProxyHandler.is_allowed(request, {"username": _outside(door)})


def count_guess(request: Any, door: str) -> None:
    """Count one wrong guess at a public door, as a refused name is counted."""
    AxesProxyHandler.user_login_failed(
        sender=__name__, credentials={"username": _outside(door)}, request=request
    )


def minutes_at_door(request: Any, door: str) -> int:
    """How long a public door stays shut for the caller's network."""
    return minutes_to_wait(request, _outside(door))


def _outside(door: str) -> str:
    return f"{DOOR}{door}"


def failure_limit(request: Any, credentials: dict[str, Any] | None) -> int:
    """At a public door many people of one network stand in one line, and may mistype."""
    name = str((credentials or {}).get("username") or "")
    return GUESSES if name.startswith(DOOR) else FAILURES


def forget_old() -> int:
    """Delete failures whose time is over; returns how many."""
    over = timezone.now() - (get_cool_off() or timedelta())
    return int(AccessAttempt.objects.filter(attempt_time__lte=over).delete()[0])
