"""Signing in and out."""

from django.contrib.auth.views import LoginView, LogoutView

from organisation.forms.sign_in import SignInForm


class SignIn(LoginView):
    """The login page; someone already signed in goes home."""

    form_class = SignInForm
    template_name = "organisation/login.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Sign out, by POST only."""
