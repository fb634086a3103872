"""Routes of the organisation."""

from django.urls import path

from organisation.views import sign_in

app_name = "organisation"
urlpatterns = [
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", sign_in.SignOut.as_view(), name="logout"),
]
