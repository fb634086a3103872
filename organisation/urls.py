"""Routes of the organisation."""

from django.urls import path

from organisation import views

app_name = "organisation"
urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
]
