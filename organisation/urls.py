"""Routes of the organisation."""

from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from core.permissions import everyone, needs, signed_in
from organisation.views import sign_in

get_or_post = require_http_methods(["GET", "HEAD", "POST"])

app_name = "organisation"
urlpatterns = [
    path("login/", get_or_post(needs(everyone)(sign_in.SignIn.as_view())), name="login"),
    path("logout/", require_POST(needs(signed_in)(sign_in.SignOut.as_view())), name="logout"),
]
