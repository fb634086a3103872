from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "organisation"
    verbose_name = "组织"

    def ready(self) -> None:
        from core import jobs
        from organisation import rules
        from organisation.services.audit import AUDIT_KIND
        from organisation.services.exports import ROSTER_KIND
        from organisation.services.imports import roster, units

        for kind in (roster.CHECK, roster.APPLY):
            jobs.deliver_if(kind, lambda person, job: rules.keeps_roster(person))
        for kind in (units.CHECK, units.APPLY):
            jobs.deliver_if(kind, lambda person, job: rules.keeps_units(person))
        jobs.deliver_if(AUDIT_KIND, rules.still_reads_audit)
        jobs.deliver_if(ROSTER_KIND, lambda person, job: rules.reads_roster(person))
