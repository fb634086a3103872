"""Routes of the organisation."""

from django.urls import path

from organisation.views import account, policy, sign_in

app_name = "organisation"
urlpatterns = [
    path("login/", sign_in.sign_in, name="login"),
    path("login/code/", sign_in.sign_in_code, name="login-code"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/authenticator/", account.authenticator, name="authenticator"),
    path("account/recovery-codes/", account.recovery_codes, name="recovery-codes"),
    path("account/sessions/end-others/", account.sessions_end_others, name="sessions-end-others"),
    path("account/sessions/<slug:reference>/end/", account.session_end, name="session-end"),
    path("policy/", policy.policy, name="policy"),
]
