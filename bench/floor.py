"""The product's addresses and one more: the least that a page of Django with a query costs."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from core.models import Notice

FLOOR = "/bench/floor/"


@login_not_required
def floor(request: HttpRequest) -> HttpResponse:
    """One query, no session, no template; all of the product's middleware."""
    return HttpResponse(str(Notice.objects.count()))


urlpatterns = [path(FLOOR.lstrip("/"), floor), path("", include("config.urls"))]
