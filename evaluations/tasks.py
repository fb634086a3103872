"""Celery doors of evaluations."""

from celery import shared_task

from core import jobs
from core.jobs import JobError, Running
from evaluations import services
from evaluations.exports import slips_pdf
from evaluations.models import RoundGroup


@shared_task(name=services.PRINT_JOB)
def print_codes(job_id: str) -> None:
    """Make the one-time codes of a job and the PDF that is their only plain copy."""
    jobs.run(job_id, _print)


def _print(running: Running) -> None:
    wanted = running.job.arguments
    groups = RoundGroup.objects.select_related("round__unit")
    group = groups.filter(pk=wanted["group"]).first()
    if group is None:
        raise JobError("这次评议已被删除，没有生成评议码。")
    codes = services.new_codes(wanted["number"])
    slips = slips_pdf(group, codes, wanted["base_url"], progress=running.progress)
    try:
        services.deliver_codes(running=running, group=group, codes=codes, slips=slips)
    except services.Refused as error:
        raise JobError(str(error)) from error
