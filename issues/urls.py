"""Routes of problem items."""

from django.urls import path

from issues.views import extensions, items, look_backs, sign_off, slips

app_name = "issues"
urlpatterns = [
    path("", items.issue_list, name="issue-list"),
    path("search/", items.issue_search, name="issue-search"),
    path("new/", items.issue_create, name="issue-create"),
    path("check/", items.issue_check, name="issue-check"),
    path("look-backs/", look_backs.look_back_list, name="look-back-list"),
    path("look-backs/draw/", look_backs.look_back_draw, name="look-back-draw"),
    path("draws/<int:pk>/", look_backs.draw_detail, name="draw-detail"),
    path("slips/", slips.slip_list, name="slip-list"),
    path("slips/search/", slips.slip_search, name="slip-search"),
    path("slips/<int:pk>/", slips.slip_detail, name="slip-detail"),
    path("slips/<int:pk>/steps/<slug:name>/", slips.slip_step, name="slip-step"),
    path("slips/<int:pk>/file/", slips.slip_file, name="slip-file"),
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
    path("<int:pk>/slips/", slips.slip_raise, name="slip-raise"),
    path("<int:pk>/evidence/", items.evidence_add, name="evidence-add"),
    path("<int:pk>/evidence/<int:evidence_pk>/", items.evidence_file, name="evidence-file"),
]
