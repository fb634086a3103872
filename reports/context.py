"""What the frame of every page shows: who is here, where they may go, what waits."""

from django.http import HttpRequest

from core import notices


def navigation(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"unread": notices.unread_count(user)}
