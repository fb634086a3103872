"""One address, open to nobody whom the product's own would let in."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_safe

from core.permissions import needs, signed_in


@require_safe
@needs(signed_in)
def page(request: HttpRequest) -> HttpResponse:
    """Another page."""
    return HttpResponse()


urlpatterns = [path("", include(([path("other/", page, name="other")], "other")))]
