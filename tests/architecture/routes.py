"""Who gets what from every address: one row for each method, one column for each person.

``on`` names the object of the address (see ``Objects`` in objects.py); everything
belongs to 东阿县, most of it to the cadre and his unit. POST sends an empty form.

Only the methods that an address takes have a row; all others answer 405 (see ``cells``).

    302  without sign-in: to the login page; otherwise on to the next page
    403  the person's role has no part in this         404  outside the person's scope
    422  taken up again with its errors
    400  the empty form is no form of ours
"""

PERSONAS = (
    "anonymous",
    "cadre",
    "liaison",
    "head",
    "office",
    "city_office",
    "organisation",
    "discipline",
    "leader",
    "system_admin",
    "security_admin",
    "audit_admin",
    "stranger_office",
)
METHODS = ("GET", "POST", "PUT", "DELETE")

TABLE = """
route                         on       method  anonym cadre  liaisn head   office cityof organi discip leader sysadm secadm audadm strang

core:health                   -        GET     200    200    200    200    200    200    200    200    200    200    200    200    200
core:inbox                    -        GET     302    200    200    200    200    200    200    200    200    200    200    200    200
core:read-all-notices         -        POST    302    302    302    302    302    302    302    302    302    302    302    302    302
core:open-notice              notice   POST    302    302    404    404    404    404    404    404    404    404    404    404    404
core:open-reminder            line     POST    302    302    404    404    404    404    404    404    404    404    404    404    404
core:channel-list             -        GET     302    200    200    200    200    200    200    200    200    200    200    200    200
core:channel-set              wecom    GET     302    200    200    200    200    200    200    200    200    200    200    200    200
core:channel-set              wecom    POST    302    200    200    200    200    200    200    200    200    200    200    200    200
core:channel-try              wecom    POST    302    302    404    404    404    404    404    404    404    404    404    404    404
core:channel-send-again       wecom    POST    302    302    404    404    404    404    404    404    404    404    404    404    404
core:channel-drop             wecom    POST    302    302    404    404    404    404    404    404    404    404    404    404    404
core:job-status               job      GET     302    404    404    404    200    404    404    404    404    404    404    404    404
core:job-file                 job      GET     302    404    404    404    200    404    404    404    404    404    404    404    404
core:take-file                slips    POST    302    404    404    404    200    404    404    404    404    404    404    404    404

organisation:login            -        GET     200    302    302    302    302    302    302    302    302    302    302    302    302
organisation:login            -        POST    200    302    302    302    302    302    302    302    302    302    302    302    302
organisation:login-code       -        GET     302    302    302    302    302    302    302    302    302    302    302    302    302
organisation:login-code       -        POST    302    302    302    302    302    302    302    302    302    302    302    302    302
organisation:login-code       -        PUT     405    405    405    405    405    405    405    405    405    405    405    405    405
organisation:login-code       -        DELETE  405    405    405    405    405    405    405    405    405    405    405    405    405
organisation:logout           -        POST    302    302    302    302    302    302    302    302    302    302    302    302    302
organisation:account          -        GET     302    200    200    200    200    200    200    200    200    200    200    200    200
organisation:password         -        GET     302    200    200    200    200    200    200    200    200    200    200    200    200
organisation:password         -        POST    302    422    422    422    422    422    422    422    422    422    422    422    422
organisation:authenticator    -        GET     302    200    200    200    200    200    200    200    200    200    200    200    200
organisation:authenticator    -        POST    302    200    200    200    200    200    200    200    200    200    200    200    200
organisation:recovery-codes   -        POST    302    404    404    404    404    404    404    404    404    404    404    404    404
organisation:session-end      session  POST    302    404    404    404    404    404    404    404    404    404    404    404    404
organisation:sessions-end-others -        POST    302    302    302    302    302    302    302    302    302    302    302    302    302
organisation:audit-list       -        GET     302    403    403    403    403    403    403    403    403    403    403    200    403
organisation:audit-search     -        POST    302    403    403    403    403    403    403    403    403    403    403    302    403
organisation:audit-export     -        POST    302    403    403    403    403    403    403    403    403    403    403    302    403
organisation:policy           -        GET     302    403    403    403    403    403    403    403    403    403    200    403    403
organisation:policy           -        POST    302    403    403    403    403    403    403    403    403    403    422    403    403
organisation:roster-import    -        GET     302    403    200    403    200    200    403    403    403    403    403    403    200
organisation:roster-import    -        POST    302    403    422    403    422    422    403    403    403    403    403    403    422
organisation:roster-template  -        GET     302    403    200    403    200    200    403    403    403    403    403    403    200
organisation:roster-present   -        GET     302    403    200    403    200    200    403    403    403    403    403    403    200
organisation:roster-upload    people_u GET     302    403    404    403    200    404    403    403    403    403    403    403    404
organisation:roster-apply     people_u POST    302    403    404    403    403    404    403    403    403    403    403    403    404
organisation:units-import     -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
organisation:units-import     -        POST    302    403    403    403    422    422    403    403    403    403    403    403    422
organisation:units-template   -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
organisation:units-present    -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
organisation:units-upload     units_u  GET     302    403    403    403    200    404    403    403    403    403    403    403    404
organisation:units-apply      units_u  POST    302    403    403    403    403    404    403    403    403    403    403    403    404
organisation:person-list      -        GET     302    403    200    200    200    200    200    403    403    200    200    403    200
organisation:person-create    -        GET     302    403    200    403    200    200    403    403    403    403    403    403    200
organisation:person-create    -        POST    302    403    422    403    422    422    403    403    403    403    403    403    422
organisation:person-search    -        POST    302    403    302    302    302    302    302    403    403    302    302    403    302
organisation:person-export    -        POST    302    403    302    302    302    302    302    403    403    302    302    403    302
organisation:person-exports   -        GET     302    403    200    200    200    200    200    403    403    200    200    403    200
organisation:person-detail    person   GET     302    403    200    200    200    200    200    403    403    200    200    403    404
organisation:person-update    person   GET     302    403    200    403    200    200    403    403    403    403    403    403    404
organisation:person-update    person   POST    302    403    422    403    422    422    403    403    403    403    403    403    404
organisation:person-posting   person   GET     302    403    200    403    200    200    403    403    403    403    403    403    404
organisation:person-posting   person   POST    302    403    422    403    422    422    403    403    403    403    403    403    404
organisation:person-move      person   GET     302    403    200    403    200    200    403    403    403    403    403    403    404
organisation:person-move      person   POST    302    403    422    403    422    422    403    403    403    403    403    403    404
organisation:person-retire    person   GET     302    403    200    403    200    200    403    403    403    403    403    403    404
organisation:person-retire    person   POST    302    403    422    403    422    422    403    403    403    403    403    403    404
organisation:person-return    retired  GET     302    403    200    403    200    200    403    403    403    403    403    403    404
organisation:person-return    retired  POST    302    403    422    403    422    422    403    403    403    403    403    403    404
organisation:person-reveal    person   POST    302    403    422    422    422    422    422    403    403    403    403    403    404
organisation:person-account   account  POST    302    403    200    403    200    200    403    403    403    200    403    403    404
organisation:grant-create     person   GET     302    403    403    403    200    200    403    403    403    403    200    403    404
organisation:grant-create     person   POST    302    403    403    403    422    422    403    403    403    403    422    403    404
organisation:grant-revoke     right    GET     302    403    403    403    200    200    403    403    403    403    200    403    404
organisation:grant-revoke     right    POST    302    403    403    403    302    302    403    403    403    403    302    403    404
organisation:unit-list        -        GET     302    403    200    200    200    200    200    403    403    200    200    403    200
organisation:unit-search      -        POST    302    403    302    302    302    302    302    403    403    302    302    403    302
organisation:unit-create      -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
organisation:unit-create      -        POST    302    403    403    403    422    422    403    403    403    403    403    403    422
organisation:unit-detail      unit     GET     302    403    200    200    200    200    200    403    403    200    200    403    404
organisation:unit-update      unit     GET     302    403    403    403    200    200    403    403    403    403    403    403    404
organisation:unit-update      unit     POST    302    403    403    403    422    422    403    403    403    403    403    403    404
organisation:unit-move        unit     GET     302    403    403    403    200    200    403    403    403    403    403    403    404
organisation:unit-move        unit     POST    302    403    403    403    422    422    403    403    403    403    403    403    404
organisation:unit-close       unit     GET     302    403    403    403    200    200    403    403    403    403    403    403    404
organisation:unit-close       unit     POST    302    403    403    403    422    422    403    403    403    403    403    403    404

campaign:calendar             -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
campaign:calendar-template    -        GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:calendar-upload      -        POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:calendar-land        -        POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:calendar-closure     -        POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:calendar-close       -        POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:calendar-reopen      -        POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:overview             -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
campaign:campaign-list        -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
campaign:campaign-choose      -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
campaign:campaign-create      plan     GET     302    403    403    403    200    200    403    403    403    403    403    403    200
campaign:campaign-create      plan     POST    302    403    403    403    422    422    403    403    403    403    403    403    422
campaign:campaign-detail      campaign GET     302    200    200    200    200    200    200    200    200    403    403    403    200
campaign:campaign-detail      archived GET     302    200    200    200    200    200    200    200    200    403    403    403    404
campaign:archive              campaign GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:archive              campaign POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:totals-file          archived GET     302    200    200    200    200    200    200    200    200    403    403    403    404
campaign:unit-detail          arch_u   GET     302    200    200    200    200    200    200    200    200    403    403    403    404
campaign:campaign-work        campaign POST    302    302    302    302    302    302    302    302    302    403    403    403    302
campaign:campaign-work        archived POST    302    404    404    404    404    404    404    404    404    403    403    403    404
campaign:campaign-copy        campaign GET     302    403    403    403    200    200    403    403    403    403    403    403    200
campaign:campaign-copy        campaign POST    302    403    403    403    422    422    403    403    403    403    403    403    422
campaign:dates                campaign GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:dates                campaign POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:term-lists           campaign GET     302    200    200    200    200    200    200    200    200    403    403    403    200
campaign:term-list-template   campaign GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:term-list-upload     campaign GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:term-list-upload     campaign POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:term-list-land       campaign POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:term-list-update     list     GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:term-list-update     list     POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:participants         campaign GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:participants         campaign POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:participant-leave    part     POST    302    403    403    403    403    302    403    403    403    403    403    403    403
campaign:unit-list            campaign GET     302    403    403    403    200    200    200    200    200    403    403    403    200
campaign:unit-detail          part     GET     302    404    200    200    200    200    200    200    200    403    403    403    404
campaign:activity-create      part     GET     302    403    200    200    403    403    403    403    403    403    403    403    403
campaign:activity-create      part     POST    302    403    422    422    403    403    403    403    403    403    403    403    403
campaign:institution-create   part     GET     302    403    200    200    403    403    403    403    403    403    403    403    403
campaign:institution-create   part     POST    302    403    422    422    403    403    403    403    403    403    403    403    403
campaign:stage-detail         stage    GET     302    200    200    200    200    200    200    200    200    403    403    403    200
campaign:stage-end            stage    POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:stage-resume         stage    POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:task-create          stage    GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:task-create          stage    POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:task-update          task     GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:task-update          task     POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:task-remove          task     POST    302    403    403    403    403    302    403    403    403    403    403    403    403
campaign:task-tell            o_task   GET     302    403    403    403    403    200    403    403    403    403    403    403    403
campaign:task-tell            o_task   POST    302    403    403    403    403    422    403    403    403    403    403    403    403
campaign:task-tell-unit       u_task   GET     302    404    200    200    403    403    403    403    403    403    403    403    404
campaign:task-tell-unit       u_task   POST    302    404    422    422    403    403    403    403    403    403    403    403    404
campaign:task-take-back       done     POST    302    403    302    302    403    403    403    403    403    403    403    403    404
campaign:task-file            done     GET     302    200    200    200    200    200    200    200    200    403    403    403    404
campaign:activity-file        activity GET     302    200    200    200    200    200    200    200    200    403    403    403    404
campaign:activity-remove      activity POST    302    403    302    302    403    403    403    403    403    403    403    403    403
campaign:institution-remove   rule     POST    302    403    302    302    403    403    403    403    403    403    403    403    403

visits:target-list            -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
visits:target-search          -        POST    302    302    302    302    302    302    302    302    302    403    403    403    302
visits:target-detail          target   GET     302    200    404    404    200    200    200    404    404    403    403    403    404
visits:target-reveal          target   POST    302    200    404    404    200    200    200    404    404    403    403    403    404
visits:target-take            target   POST    302    302    404    404    403    403    403    404    404    403    403    403    404
visits:target-give-back       target   POST    302    302    404    404    403    403    403    404    404    403    403    403    404
visits:visit-create           target   GET     302    200    404    404    403    403    403    404    404    403    403    403    404
visits:visit-create           target   POST    302    200    404    404    403    403    403    404    404    403    403    403    404
visits:visit-list             -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
visits:visit-search           -        POST    302    302    302    302    302    302    302    302    302    403    403    403    302
visits:visit-detail           visit    GET     302    200    404    404    200    200    200    404    404    403    403    403    404
visits:visit-correct          visit    GET     302    200    404    404    403    403    403    404    404    403    403    403    404
visits:visit-correct          visit    POST    302    422    404    404    403    403    403    404    404    403    403    403    404
visits:team-list              -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
visits:team-search            -        POST    302    302    302    302    302    302    302    302    302    403    403    403    302
visits:team-create            -        GET     302    403    403    403    200    200    200    403    403    403    403    403    200
visits:team-create            -        POST    302    403    403    403    422    422    422    403    403    403    403    403    422
visits:team-detail            team     GET     302    200    404    404    200    200    200    404    404    403    403    403    404
visits:team-update            team     GET     302    403    403    403    200    200    200    403    403    403    403    403    404
visits:team-update            team     POST    302    403    403    403    422    422    422    403    403    403    403    403    404
visits:team-dissolve          team     POST    302    403    403    403    302    302    302    403    403    403    403    403    404
visits:target-give            target   POST    302    403    404    404    302    302    302    404    404    403    403    403    404
visits:team-split             team     GET     302    403    404    404    200    200    200    404    404    403    403    403    404
visits:team-split             team     POST    302    403    404    404    422    422    422    404    404    403    403    403    404
visits:team-take-back         team     POST    302    403    404    404    302    302    302    404    404    403    403    403    404
visits:paper-import           -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
visits:paper-import           -        POST    302    422    422    422    422    422    422    422    422    403    403    403    422
visits:paper-template         member   GET     302    200    200    404    404    404    404    404    404    403    403    403    404
visits:paper-upload           paper    GET     302    200    404    404    404    404    404    404    404    403    403    403    404
visits:paper-apply            paper    POST    302    403    404    404    404    404    404    404    404    403    403    403    404
visits:paper-cancel           paper    POST    302    302    404    404    404    404    404    404    404    403    403    403    404
visits:appeal-list            -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
visits:appeal-search          -        POST    302    302    302    302    302    302    302    302    302    403    403    403    302
visits:appeal-rates           -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
visits:hotline                -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
visits:hotline                -        POST    302    403    403    403    422    422    403    403    403    403    403    403    422
visits:hotline-export         -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
visits:hotline-waiting        -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
visits:hotline-upload         hotlin_u GET     302    403    403    403    200    404    403    403    403    403    403    403    404
visits:hotline-apply          hotlin_u POST    302    403    403    403    403    404    403    403    403    403    403    403    404
visits:hand-over-look         -        POST    302    403    403    403    302    302    403    403    403    403    403    403    302
visits:hand-over              -        POST    302    403    403    403    302    302    403    403    403    403    403    403    302
visits:appeal-detail          appeal   GET     302    200    200    200    200    200    200    200    404    403    403    403    404
visits:appeal-step            appeal_s POST    302    422    422    422    422    422    422    422    404    403    403    403    404
visits:appeal-call            appeal_a POST    302    403    403    403    422    422    422    403    404    403    403    403    404
visits:appeal-link            appeal_a POST    302    403    403    403    422    422    422    403    404    403    403    403    404
visits:answer                  link     GET     200    200    200    200    200    200    200    200    200    200    200    200    200
visits:answer                  link     POST    200    200    200    200    200    200    200    200    200    200    200    200    200
visits:answer-thanks                  -        GET     200    200    200    200    200    200    200    200    200    200    200    200    200
visits:appeal-ask-days        appeal   POST    302    403    422    422    403    403    403    403    404    403    403    403    404
visits:appeal-decide-days     appeal   POST    302    403    403    403    422    422    403    403    404    403    403    403    404
visits:appeal-merge           appeal   POST    302    403    403    403    422    422    403    403    404    403    403    403    404
visits:appeal-contact         appeal   POST    302    403    422    422    403    403    403    403    404    403    403    403    404
visits:appeal-unmerge         appeal_m POST    302    403    404    404    422    422    403    403    404    403    403    403    404
visits:coverage               -        GET     302    403    403    403    200    200    200    200    200    403    403    403    200
visits:coverage-export        -        POST    302    403    403    403    302    302    302    302    302    403    403    403    302
visits:left-list              -        GET     302    403    403    403    404    404    404    403    403    403    403    403    404
visits:left-search            -        POST    302    403    403    403    302    302    302    403    403    403    403    403    302
visits:left-export            -        POST    302    403    403    403    404    404    404    403    403    403    403    403    404
visits:truth-list             -        GET     302    403    403    403    403    403    200    403    403    403    403    403    403
visits:truth-search           -        POST    302    403    403    403    403    403    302    403    403    403    403    403    403
visits:truth-detail           flag     GET     302    403    403    403    403    403    200    403    403    403    403    403    403
visits:truth-draws            -        GET     302    403    403    403    403    403    200    403    403    403    403    403    403
visits:truth-draws            -        POST    302    403    403    403    403    403    422    403    403    403    403    403    403
visits:truth-draw             t_draw   GET     302    403    403    403    403    403    200    403    403    403    403    403    403
visits:truth-check            t_check  GET     302    403    403    403    403    403    200    403    403    403    403    403    403
visits:truth-check            t_check  POST    302    403    403    403    403    403    422    403    403    403    403    403    403
visits:freeze                 -        GET     302    403    403    403    200    200    200    403    403    403    403    403    200
visits:freeze                 -        POST    302    403    403    403    403    422    403    403    403    403    403    403    403
visits:entry-list             -        GET     302    403    403    403    200    200    200    403    403    403    403    403    200
visits:entry-search           -        POST    302    403    403    403    302    302    302    403    403    403    403    403    302
visits:entry-join             kind     GET     302    403    403    403    200    200    200    403    403    403    403    403    200
visits:entry-join             kind     POST    302    403    403    403    422    422    422    403    403    403    403    403    422
visits:entry-detail           target   GET     302    403    403    403    200    200    200    403    403    403    403    403    404
visits:entry-change           leave    GET     302    403    403    403    200    200    200    403    403    403    403    403    404
visits:entry-change           leave    POST    302    403    403    403    422    422    422    403    403    403    403    403    404
visits:register-import        -        GET     302    403    403    403    200    200    200    403    403    403    403    403    200
visits:register-import        -        POST    302    403    403    403    422    422    422    403    403    403    403    403    422
visits:register-villages      -        POST    302    403    403    403    302    302    302    403    403    403    403    403    302
visits:register-template      kind     GET     302    403    403    403    200    200    200    403    403    403    403    403    200
visits:register-upload        upload   GET     302    403    403    403    200    404    404    403    403    403    403    403    404
visits:register-columns       upload   GET     302    403    403    403    302    404    404    403    403    403    403    403    404
visits:register-columns       upload   POST    302    403    403    403    302    404    404    403    403    403    403    403    404
visits:register-apply         upload   POST    302    403    403    403    403    404    404    403    403    403    403    403    404
visits:register-cancel        upload   POST    302    403    403    403    302    404    404    403    403    403    403    403    404

issues:issue-list             -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
issues:issue-search           -        POST    302    302    302    302    302    302    302    302    302    403    403    403    302
issues:ledger-export          -        POST   302    302    302    302    302    302    302    302    302    403    403    403    302
issues:ledger-exports         -        GET    302    200    200    200    200    200    200    200    200    403    403    403    200
issues:ledger-import          -        GET    302    200    200    200    200    200    200    200    200    403    403    403    200
issues:ledger-import          -        POST   302    422    422    422    422    422    422    422    422    403    403    403    422
issues:ledger-template        -        GET    302    200    200    200    200    200    200    200    200    403    403    403    200
issues:ledger-upload          ledger_u GET    302    404    200    404    404    404    404    404    404    403    403    403    404
issues:ledger-apply           ledger_u POST   302    404    403    404    404    404    404    404    404    403    403    403    404
issues:view-list              -        GET    302    200    200    200    200    200    200    200    200    403    403    403    200
issues:view-keep              -        POST   302    302    302    302    302    302    302    302    302    403    403    403    302
issues:view-open              view     GET    302    302    404    404    404    404    404    404    404    403    403    403    404
issues:view-rename            view     POST   302    302    404    404    404    404    404    404    404    403    403    403    404
issues:view-drop              view     POST   302    302    404    404    404    404    404    404    404    403    403    403    404
issues:bulk-look              -        POST   302    403    403    302    302    302    403    302    403    403    403    403    302
issues:bulk-take              -        POST   302    403    403    302    302    302    403    302    403    403    403    403    302
issues:issue-check            -        POST    302    200    200    200    200    200    200    200    200    403    403    403    200
issues:autosave               -        POST    302    400    400    400    400    400    400    400    400    403    403    403    400
issues:autosave-drop          kept     POST    302    302    404    404    404    404    404    404    404    403    403    403    404
issues:issue-create           -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
issues:issue-create           -        POST    302    200    200    200    200    200    200    200    200    403    403    403    200
issues:appeal-slip            appeal   GET     302    403    403    403    403    403    403    200    404    403    403    403    404
issues:appeal-slip            appeal   POST    302    403    403    403    403    403    403    422    404    403    403    403    404
issues:appeal-item            appeal   GET     302    403    200    200    200    200    403    403    404    403    403    403    404
issues:appeal-item            appeal   POST    302    403    422    422    422    422    403    403    404    403    403    403    404
issues:issue-detail           issue    GET     302    200    200    200    200    200    404    200    404    403    403    403    404
issues:issue-detail           draft    GET     302    200    404    404    404    404    404    404    404    403    403    403    404
issues:issue-update           draft    GET     302    200    404    404    404    404    404    404    404    403    403    403    404
issues:issue-update           draft    POST    302    200    404    404    404    404    404    404    404    403    403    403    404
issues:issue-update           issue    GET     302    403    403    403    403    403    404    403    404    403    403    403    404
issues:issue-update           issue    POST    302    403    403    403    403    403    404    403    404    403    403    403    404
issues:issue-move             move     POST    302    422    422    422    422    422    404    422    404    403    403    403    404
issues:sign-off               to_sign  GET     302    403    403    403    403    403    404    200    404    403    403    403    404
issues:signature              signed   GET     302    200    200    200    200    200    404    200    404    403    403    403    404
issues:unit-lists             -        GET     302    403    302    302    200    200    403    200    200    403    403    403    302
issues:unit-list              unit     GET     302    403    200    200    200    200    403    200    200    403    403    403    404
issues:unit-item-create       unit     GET     302    403    200    200    403    403    403    403    403    403    403    403    404
issues:unit-item-create       unit     POST    302    403    200    200    403    403    403    403    403    403    403    403    404
issues:unit-list-take-in      unit     POST    302    403    302    302    403    403    403    403    403    403    403    403    404
issues:unit-list-freeze       unit     POST    302    403    400    400    400    400    403    400    400    403    403    403    404
issues:list-version           version  GET     302    403    200    200    404    404    403    404    404    403    403    403    404
issues:list-confirm           version  POST    302    403    400    400    404    404    403    404    404    403    403    403    404
issues:list-return            version  POST    302    403    400    400    404    404    403    404    404    403    403    403    404
issues:origin-remove          origin   POST    302    403    302    302    404    404    403    404    404    403    403    403    404
issues:issue-claim            issue    GET     302    403    403    200    403    403    404    403    404    403    403    403    404
issues:issue-claim            issue    POST    302    403    403    200    403    403    404    403    404    403    403    403    404
issues:issue-update           unit_i   GET     302    404    200    200    404    404    404    404    404    403    403    403    404
issues:issue-update           unit_i   POST    302    404    200    200    404    404    404    404    404    403    403    403    404
issues:look-back-list         -        GET     302    403    403    403    403    403    403    200    403    403    403    403    403
issues:look-back-draw         -        POST    302    403    403    403    403    403    403    422    403    403    403    403    403
issues:draw-detail            draw     GET     302    403    403    403    403    403    403    200    403    403    403    403    403
issues:issue-hand-over        issue    POST    302    403    403    422    422    422    404    403    404    403    403    403    404
issues:extension-ask          issue    POST    302    422    403    403    403    403    404    403    404    403    403    403    404
issues:extension-decide       more_t   POST    302    403    403    403    400    400    404    403    404    403    403    403    404
issues:slip-list              -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
issues:slip-search            -        POST    302    302    302    302    302    302    302    302    302    403    403    403    302
issues:slip-detail            slip     GET     302    200    200    200    200    200    404    200    404    403    403    403    404
issues:slip-step              slip_s   POST    302    422    422    422    422    422    404    422    404    403    403    403    404
issues:slip-file              slip     POST    302    302    302    302    302    302    404    302    404    403    403    403    404
issues:slip-raise             issue    POST    302    403    403    403    403    403    404    422    404    403    403    403    404
issues:milestone-report       milest   POST    302    422    403    403    403    403    404    403    404    403    403    403    404
issues:lessons                -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
issues:book                   -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
issues:book-export            -        POST    302    302    302    302    302    302    302    302    302    403    403    403    302
issues:book-page              closed   GET     302    200    404    404    404    404    404    404    404    403    403    403    404
issues:book-page-export       closed   POST    302    302    404    404    404    404    404    404    404    403    403    403    404
issues:book-photo             photo    GET     302    200    404    404    404    404    404    404    404    403    403    403    404
issues:example-list           -        GET     302    200    200    200    200    200    200    200    200    403    403    403    200
issues:example-search         -        POST    302    302    302    302    302    302    302    302    302    403    403    403    302
issues:example-choose         closed   GET     302    403    403    403    200    200    404    403    404    403    403    403    404
issues:example-choose         closed   POST    302    403    403    403    422    422    404    403    404    403    403    403    404
issues:example-take-down      closed   POST    302    302    403    403    302    302    404    403    404    403    403    403    404
issues:evidence-add           issue    POST    302    422    403    403    403    403    404    403    404    403    403    403    404
issues:evidence-thumb         evidence GET     302    404    404    404    404    404    404    404    404    403    403    403    404
issues:evidence-replace       evidence POST    302    302    403    403    403    403    404    403    404    403    403    403    404
issues:evidence-take-back     evidence POST    302    302    403    403    403    403    404    403    404    403    403    403    404
issues:evidence-file          evidence GET     302    200    200    200    200    200    404    200    404    403    403    403    404

evaluations:round-list        -        GET     302    403    403    403    200    200    403    200    200    403    403    403    200
evaluations:round-create      -        GET     302    403    403    403    200    200    403    403    403    403    403    403    200
evaluations:round-create      -        POST    302    403    403    403    200    200    403    403    403    403    403    403    200
evaluations:round-detail      draft_r  GET     302    403    403    403    200    200    403    200    200    403    403    403    404
evaluations:round-detail      closed_r GET     302    403    403    403    200    200    403    200    200    403    403    403    404
evaluations:round-groups      draft_r  GET     302    403    403    403    200    200    403    403    403    403    403    403    404
evaluations:round-groups      draft_r  POST    302    403    403    403    200    200    403    403    403    403    403    403    404
evaluations:round-codes       group    POST    302    403    403    403    302    302    403    403    403    403    403    403    404
evaluations:round-open        draft_r  GET     302    403    403    403    200    200    403    403    403    403    403    403    404
evaluations:round-open        draft_r  POST    302    403    403    403    302    302    403    403    403    403    403    403    404
evaluations:round-close       open_r   GET     302    403    403    403    200    200    403    403    403    403    403    403    404
evaluations:round-close       open_r   POST    302    403    403    403    302    302    403    403    403    403    403    403    404
evaluations:rate              -        GET     200    403    403    403    403    403    403    403    403    403    403    403    403
evaluations:rate              -        POST    200    403    403    403    403    403    403    403    403    403    403    403    403
evaluations:ballot            -        GET     302    403    403    403    403    403    403    403    403    403    403    403    403
evaluations:ballot            -        POST    200    403    403    403    403    403    403    403    403    403    403    403    403
evaluations:thanks            -        GET     200    403    403    403    403    403    403    403    403    403    403    403    403

reports:home                  -        GET     302    200    200    200    200    200    200    200    200    200    200    200    200
reports:progress              -        GET     302    403    403    403    200    200    200    200    200    403    403    403    200
reports:progress-export       -        POST    302    403    403    403    400    400    400    400    400    403    403    403    400
reports:status                -        GET     302    403    403    403    403    403    403    403    403    200    403    403    403
reports:status-now            -        GET     302    403    403    403    403    403    403    403    403    200    403    403    403
reports:export-list           -        GET     302    403    403    403    200    200    200    200    200    403    403    403    200
reports:export-retry          job      POST    302    403    403    403    302    404    404    404    404    403    403    403    404
"""  # noqa: E501


def rows() -> list[tuple[str, str, str, dict[str, int]]]:
    """The table as (route, object, method, status by person)."""
    lines = [line.split() for line in TABLE.strip().splitlines()[1:] if line.strip()]
    return [
        (route, on, method, dict(zip(PERSONAS, map(int, statuses), strict=True)))
        for route, on, method, *statuses in lines
    ]


def cells() -> list[tuple[str, str, str, dict[str, int]]]:
    """The rows, and every other method of their addresses, which all refuse (405).

    Without sign-in the way to an address that asks for one leads to the login first.
    """
    written = rows()
    public = {route for route, _, _, expected in written if expected["anonymous"] != 302}
    taken = {(route, on, method) for route, on, method, _ in written}
    others = [
        (route, on, method, dict.fromkeys(PERSONAS, 405) if route in public else REFUSED)
        for route, on in dict.fromkeys((route, on) for route, on, *_ in written)
        for method in METHODS
        if (route, on, method) not in taken
    ]
    return written + others


REFUSED = dict.fromkeys(PERSONAS, 405) | {"anonymous": 302}
