"""Routes of problem items."""

from django.urls import path

from issues.views import extensions, items, look_backs, sign_off

app_name = "issues"
urlpatterns = [
    path("", items.issue_list, name="issue-list"),
    path("search/", items.issue_search, name="issue-search"),
    path("new/", items.issue_create, name="issue-create"),
    path("check/", items.issue_check, name="issue-check"),
    path("look-backs/", look_backs.look_back_list, name="look-back-list"),
    path("look-backs/draw/", look_backs.look_back_draw, name="look-back-draw"),
    path("draws/<int:pk>/", look_backs.draw_detail, name="draw-detail"),
    path("<int:pk>/", items.issue_detail, name="issue-detail"),
    path("<int:pk>/edit/", items.issue_update, name="issue-update"),
    path("<int:pk>/moves/<slug:name>/", items.issue_move, name="issue-move"),
    path("<int:pk>/sign-off/", sign_off.sign_off_page, name="sign-off"),
    path("<int:pk>/sign-offs/<int:sign_off>/", sign_off.signature, name="signature"),
    path("<int:pk>/extensions/", extensions.extension_ask, name="extension-ask"),
    path(
        "<int:pk>/extensions/<int:extension>/",
        extensions.extension_decide,
        name="extension-decide",
    ),
    path("<int:pk>/evidence/", items.evidence_add, name="evidence-add"),
    path("<int:pk>/evidence/<int:evidence_pk>/", items.evidence_file, name="evidence-file"),
]
