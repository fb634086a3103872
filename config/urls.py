"""Every address of the product; each app names its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("reports.urls")),
    path("", include("core.urls")),
    path("", include("organisation.urls")),
    path("campaign/", include("campaign.urls")),
    path("", include("visits.urls")),
    path("issues/", include("issues.urls")),
    path("", include("evaluations.urls")),
]

handler400 = "core.views.bad_request"
handler403 = "core.views.forbidden"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"
