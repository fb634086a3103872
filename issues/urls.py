"""Routes of problem items."""

from django.urls import path

from issues.views import (
    bulk,
    extensions,
    items,
    ledger,
    long_term,
    look_backs,
    sign_off,
    slips,
)

app_name = "issues"
urlpatterns = [
    path("", ledger.issue_list, name="issue-list"),
    path("search/", ledger.issue_search, name="issue-search"),
    path("export/", ledger.ledger_export, name="ledger-export"),
    path("exports/", ledger.ledger_exports, name="ledger-exports"),
    path("views/", ledger.view_list, name="view-list"),
    path("views/keep/", ledger.view_keep, name="view-keep"),
    path("views/<int:pk>/", ledger.view_open, name="view-open"),
    path("views/<int:pk>/rename/", ledger.view_rename, name="view-rename"),
    path("views/<int:pk>/drop/", ledger.view_drop, name="view-drop"),
    path("bulk/", bulk.bulk_look, name="bulk-look"),
    path("bulk/take/", bulk.bulk_take, name="bulk-take"),
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
    path(
        "<int:pk>/milestones/<int:milestone>/",
        long_term.milestone_report,
        name="milestone-report",
    ),
    path("<int:pk>/evidence/", items.evidence_add, name="evidence-add"),
    path("<int:pk>/evidence/<int:evidence_pk>/", items.evidence_file, name="evidence-file"),
]
