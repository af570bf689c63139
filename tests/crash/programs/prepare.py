"""Prepare an empty register with its officers and its keys."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from ledger.keys import log_verifier_key
from tests.factories import make_office


def main() -> None:
    call_command("migrate", verbosity=0)
    make_office()
    (Path(settings.STATE_DIR) / "log_key.txt").write_text(str(log_verifier_key()))
