"""Signatures from before there was a table of them, out of the steps that made them."""

from datetime import timedelta

from django.db import migrations


def take_over(apps, schema_editor):
    signed = apps.get_model("issues", "IssueEvent").objects.filter(move="sign_off")
    sign_offs = apps.get_model("issues", "SignOff").objects
    look_backs = apps.get_model("issues", "LookBack").objects
    for step in signed.select_related("issue").order_by("pk").iterator():
        issue = step.issue
        text = issue.versions.order_by("-number").first()
        row = sign_offs.create(
            issue=issue,
            signer_id=step.actor_id,
            responsible_id=issue.responsible_id,
            version=text.number,
            text_sha256=text.sha256,
            evidence=[{"name": e.name, "sha256": e.sha256} for e in issue.evidence.order_by("id")],
            content_hash=step.content_hash,
        )
        sign_offs.filter(pk=row.pk).update(signed_at=step.at)
        look_backs.create(
            sign_off=row,
            issue=issue,
            due_on=step.at.date() + timedelta(days=30 + row.pk % 151),
            is_drawn=issue.source in ("television", "opinion"),
        )


class Migration(migrations.Migration):
    dependencies = [("issues", "0003_sign_offs_and_look_backs")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
