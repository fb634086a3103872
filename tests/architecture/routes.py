"""Who gets what from every address: one row for each method, one column for each person.

``on`` names the object of the address (see ``Objects`` in test_routes.py); everything
belongs to 东阿县, most of it to the cadre and his unit. POST sends an empty form.

    302  without sign-in: to the login page; otherwise on to the next page
    403  the person's role has no part in this         404  outside the person's scope
    405  the address takes the other method only       422  taken up again with its errors
    400  the empty form is no form of ours
"""

PERSONAS = (
    "anonymous",
    "cadre",
    "head",
    "office",
    "discipline",
    "leader",
    "organisation",
    "stranger_office",
    "system_admin",
)

TABLE = """
route                         on       method  anonym cadre  head office discip leader organi strang sysadm

core:health                   -        GET        200   200   200    200    200    200    200    200    200
core:inbox                    -        GET        302   200   200    200    200    200    200    200    200
core:read-all-notices         -        GET        302   405   405    405    405    405    405    405    405
core:read-all-notices         -        POST       302   302   302    302    302    302    302    302    302
core:open-notice              notice   GET        302   405   405    405    405    405    405    405    405
core:open-notice              notice   POST       302   302   404    404    404    404    404    404    404
core:job-status               job      GET        302   404   404    200    404    404    404    404    404
core:job-file                 job      GET        302   404   404    200    404    404    404    404    404

organisation:login            -        GET        200   302   302    302    302    302    302    302    302
organisation:login            -        POST       200   302   302    302    302    302    302    302    302
organisation:logout           -        GET        302   405   405    405    405    405    405    405    405
organisation:logout           -        POST       302   302   302    302    302    302    302    302    302

visits:target-list            -        GET        302   200   200    200    200    200    200    200    403
visits:visit-create           target   GET        302   200   404    403    403    404    403    404    404
visits:visit-create           target   POST       302   200   404    403    403    404    403    404    404
visits:visit-list             -        GET        302   200   200    200    200    200    200    200    403
visits:visit-detail           visit    GET        302   200   404    200    200    404    200    404    404
visits:register-import        -        GET        302   403   403    200    403    403    200    200    403
visits:register-import        -        POST       302   403   403    200    403    403    200    200    403
visits:register-villages      -        GET        302   405   405    405    405    405    405    405    405
visits:register-villages      -        POST       302   403   403    302    403    403    302    302    403
visits:register-template      kind     GET        302   403   403    200    403    403    200    200    403
visits:register-upload        upload   GET        302   403   403    200    403    403    404    404    403
visits:register-apply         upload   GET        302   405   405    405    405    405    405    405    405
visits:register-apply         upload   POST       302   403   403    403    403    403    404    404    403

issues:issue-list             -        GET        302   200   200    200    200    200    200    200    403
issues:issue-create           -        GET        302   200   200    200    200    200    200    200    403
issues:issue-create           -        POST       302   200   200    200    200    200    200    200    403
issues:issue-detail           issue    GET        302   200   200    200    200    404    404    404    404
issues:issue-detail           draft    GET        302   200   404    404    404    404    404    404    404
issues:issue-update           draft    GET        302   200   404    404    404    404    404    404    404
issues:issue-update           draft    POST       302   200   404    404    404    404    404    404    404
issues:issue-update           issue    GET        302   403   403    403    403    404    404    404    404
issues:issue-move             move     GET        302   405   405    405    405    405    405    405    405
issues:issue-move             move     POST       302   302   302    302    302    404    404    404    404
issues:evidence-add           issue    GET        302   405   405    405    405    405    405    405    405
issues:evidence-add           issue    POST       302   422   403    403    403    404    404    404    404
issues:evidence-file          evidence GET        302   200   200    200    200    404    404    404    404

evaluations:round-list        -        GET        302   403   403    200    200    200    403    200    403
evaluations:round-create      -        GET        302   403   403    200    403    403    403    200    403
evaluations:round-create      -        POST       302   403   403    200    403    403    403    200    403
evaluations:round-detail      draft_r  GET        302   403   403    200    200    200    403    404    403
evaluations:round-detail      closed_r GET        302   403   403    200    200    200    403    404    403
evaluations:round-groups      draft_r  GET        302   403   403    200    403    403    403    404    403
evaluations:round-groups      draft_r  POST       302   403   403    200    403    403    403    404    403
evaluations:round-codes       group    GET        302   405   405    405    405    405    405    405    405
evaluations:round-codes       group    POST       302   403   403    302    403    403    403    404    403
evaluations:round-open        draft_r  GET        302   403   403    200    403    403    403    404    403
evaluations:round-open        draft_r  POST       302   403   403    302    403    403    403    404    403
evaluations:round-close       open_r   GET        302   403   403    200    403    403    403    404    403
evaluations:round-close       open_r   POST       302   403   403    302    403    403    403    404    403
evaluations:rate              -        GET        200   403   403    403    403    403    403    403    403
evaluations:rate              -        POST       200   403   403    403    403    403    403    403    403
evaluations:ballot            -        GET        302   403   403    403    403    403    403    403    403
evaluations:ballot            -        POST       200   403   403    403    403    403    403    403    403
evaluations:thanks            -        GET        200   403   403    403    403    403    403    403    403

reports:home                  -        GET        302   200   200    200    200    200    200    200    200
reports:progress              -        GET        302   403   403    200    200    200    200    200    403
reports:progress-export       -        GET        302   405   405    405    405    405    405    405    405
reports:progress-export       -        POST       302   403   403    400    400    400    400    400    403
reports:export-list           -        GET        302   403   403    200    200    200    200    200    403
reports:export-retry          job      GET        302   405   405    405    405    405    405    405    405
reports:export-retry          job      POST       302   403   403    302    404    404    404    404    403
"""  # noqa: E501


def rows() -> list[tuple[str, str, str, dict[str, int]]]:
    """The table as (route, object, method, status by person)."""
    lines = [line.split() for line in TABLE.strip().splitlines()[1:] if line.strip()]
    return [
        (route, on, method, dict(zip(PERSONAS, map(int, statuses), strict=True)))
        for route, on, method, *statuses in lines
    ]
