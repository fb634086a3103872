from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "issues"
    verbose_name = "问题整改"

    def ready(self) -> None:
        from campaign import archiving, watchers
        from campaign.choices import Watch
        from core import calendar_moves, jobs
        from core.notices.reminders import remind_with
        from issues import archive
        from issues.queries import watched
        from issues.queries.appeals import (
            followed_by_items,
            followed_by_slips,
            items_made_of,
            offer_of_group,
        )
        from issues.queries.reminders import MILESTONE, RECTIFICATION
        from issues.queries.slips import SLIP_DUE, SLIP_NEW
        from issues.rules import may_have_slip
        from issues.services import BOOK_KIND, SLIP_KIND, recompute_slips
        from issues.services.exports import LEDGER_KIND
        from issues.services.imports import APPLY, CHECK
        from organisation.rules import takes_part
        from visits.followers import follow_group_with, follow_with, offer_with

        watchers.watch_with(Watch.OWN_LIST, watched.people_with_a_list)
        watchers.watch_with(Watch.CADRE_LISTS, watched.units_of_listed_people)
        watchers.watch_with(Watch.UNIT_LIST, watched.units_with_a_filed_list)
        remind_with("rectification", RECTIFICATION)
        remind_with("slip", SLIP_DUE)
        remind_with("slip_new", SLIP_NEW)
        calendar_moves.recompute_with(recompute_slips, name="督办单", measure="件")
        jobs.deliver_if(SLIP_KIND, may_have_slip)
        for kind in (LEDGER_KIND, CHECK, APPLY):
            jobs.deliver_if(kind, lambda person, job: takes_part(person))
        remind_with("milestone", MILESTONE)
        jobs.deliver_if(BOOK_KIND, lambda person, job: takes_part(person))
        follow_with(followed_by_items)
        follow_with(followed_by_slips)
        offer_with(offer_of_group)
        follow_group_with(items_made_of)
        archiving.archive_with(self.verbose_name, archive.PART)
