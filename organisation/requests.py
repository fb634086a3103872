"""The request of somebody who has signed in."""

from django.http import HttpRequest

from organisation.models import User


class StaffRequest(HttpRequest):
    """A request behind the login, which the middleware asks of every page."""

    user: User
