"""Routes of the organisation."""

from django.urls import path

from organisation.views import (
    account,
    grants,
    people,
    person,
    policy,
    roster_export,
    sign_in,
    units,
)

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
    path("people/", people.person_list, name="person-list"),
    path("people/new/", people.person_create, name="person-create"),
    path("people/search/", people.person_search, name="person-search"),
    path("people/export/", roster_export.person_export, name="person-export"),
    path("people/exports/", roster_export.person_exports, name="person-exports"),
    path("people/<int:pk>/", people.person_detail, name="person-detail"),
    path("people/<int:pk>/edit/", people.person_update, name="person-update"),
    path("people/<int:pk>/posting/", people.person_posting, name="person-posting"),
    path("people/<int:pk>/move/", people.person_move, name="person-move"),
    path("people/<int:pk>/retire/", people.person_retire, name="person-retire"),
    path("people/<int:pk>/phone/", person.person_reveal, name="person-reveal"),
    path("people/<int:pk>/account/<slug:act>/", person.person_account, name="person-account"),
    path("people/<int:pk>/grants/new/", grants.grant_create, name="grant-create"),
    path("people/<int:pk>/grants/<int:grant_pk>/revoke/", grants.grant_revoke, name="grant-revoke"),
    path("units/", units.unit_list, name="unit-list"),
    path("units/new/", units.unit_create, name="unit-create"),
    path("units/<int:pk>/", units.unit_detail, name="unit-detail"),
    path("units/<int:pk>/edit/", units.unit_update, name="unit-update"),
    path("units/<int:pk>/move/", units.unit_move, name="unit-move"),
    path("units/<int:pk>/close/", units.unit_close, name="unit-close"),
]
