"""Encrypts the addresses that stand in the register, and clears them out of old reports.

In batches, each committed by itself, so that the register of a city does not take one long
transaction; killed, it goes on where it stopped.
"""

from django.db import migrations

from core import crypto
from core.keyring import FIELD
from core.rotation import rewrite

LABEL = "visits.Target.address"
PERSONAL = {"户主姓名", "地址"}
CLEARED = "与登记册里的不一致，请核对"


def encrypt(apps, schema_editor):
    target = apps.get_model("visits", "Target")
    rewrite(target, "address", _sealed, unless=f"{crypto.current_prefix(FIELD)}.")


def decrypt(apps, schema_editor):
    rewrite(apps.get_model("visits", "Target"), "address", _opened)


def clear_reports(apps, schema_editor):
    """A report quotes what differed from the register, names and addresses too."""
    for upload in apps.get_model("visits", "RegisterUpload").objects.iterator():
        errors = upload.report.get("errors", [])
        cleared = [_without_quotes(error) for error in errors]
        if cleared != errors:
            upload.report["errors"] = cleared
            upload.save(update_fields=["report"])


def _sealed(pk, text):
    return text if crypto.is_sealed(text) else crypto.seal(text, LABEL)


def _opened(pk, text):
    return crypto.unseal(text, LABEL) if crypto.is_sealed(text) else text


def _without_quotes(error):
    row, column, kind, text = error
    return [row, column, kind, CLEARED if kind == "changed" and column in PERSONAL else text]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("visits", "0002_target_phone_and_sealed_address")]

    operations = [
        migrations.RunPython(encrypt, decrypt),
        migrations.RunPython(clear_reports, migrations.RunPython.noop),
    ]
