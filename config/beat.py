"""What runs by the clock. Every entry is safe to run twice, and to miss.

Rows in the database say what is due; the clock only says "look now". Which queue it says
it through stands in ``config.queues``.
"""

SCHEDULE = {
    "tick": {
        "task": "core.tick",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "sweep-jobs": {
        "task": "core.sweep_jobs",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "expire-files": {
        "task": "core.expire_files",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "sweep-temporary": {
        "task": "core.sweep_temporary",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "lapse-uploads": {
        "task": "core.lapse_uploads",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "keep-audit-head": {
        "task": "core.keep_audit_head",
        "schedule": 86400.0,
        "options": {"expires": 3600},
    },
    "recompute-deadlines": {
        "task": "core.recompute_deadlines",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "look-at-stages": {
        "task": "campaign.look_at_stages",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "raise-slips": {
        "task": "issues.raise_slips",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "delete-dropped-files": {
        "task": "campaign.delete_dropped_files",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "tell": {
        "task": "core.tell",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget-old-sign-ins": {
        "task": "organisation.forget_old_sign_ins",
        "schedule": 24 * 3600.0,
        "options": {"expires": 3600},
    },
    "forget-old-words": {
        "task": "issues.forget_old_words",
        "schedule": 24 * 3600.0,
        "options": {"expires": 3600},
    },
    "check-coverage": {
        "task": "visits.check_coverage",
        "schedule": 24 * 3600.0,
        "options": {"expires": 3600},
    },
    "look-at-visits": {
        "task": "visits.look_at_visits",
        "schedule": 24 * 3600.0,
        "options": {"expires": 3600},
    },
    "keep-coverage-days": {
        "task": "visits.keep_days",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}
