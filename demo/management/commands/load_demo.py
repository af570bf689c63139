"""Load the demonstration register and leave its first certificate where a stranger can check it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from certificates.issuance import issue_waiting
from certificates.queries import (
    issued_certificates,
    log_verifier_key,
    proof_text,
    read_certificate,
)
from certificates.sealing import trust_pem, tsa_trust_pem
from demo.load import Loader
from demo.people import TOTP_SECRET, ensure_organisations, ensure_people
from demo.sources import SourceError
from primitives.clock import now_utc


class Command(BaseCommand):
    help = "Load the demonstration register from real public data and issue its certificates."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration register is not loaded into production.")
        folder = Path(settings.STATE_DIR) / "demo"
        accounts = folder / "accounts.txt"
        people = ensure_people(accounts)
        loader = Loader(people, ensure_organisations(people["enterprise"]), now_utc)
        try:
            for filing in loader.load():
                self.stdout.write(f"  {filing.state.lower()} {filing}")
        except SourceError as error:
            raise CommandError(str(error)) from error
        issued = issue_waiting(at=now_utc())
        self.stdout.write(f"  issued {issued} certificates")
        self._leave_first_certificate(folder)
        self.stdout.write(f"  accounts and passwords: {accounts}")
        self.stdout.write(f"  second factor: manage.py demo_code, or the TOTP key {TOTP_SECRET}")

    def _leave_first_certificate(self, folder: Path) -> None:
        certificate = issued_certificates().last()
        if certificate is None:
            raise CommandError("No certificate was issued; the messages above say why.")
        (folder / "certificate.pdf").write_bytes(read_certificate(certificate))
        (folder / "certificate.pdf.tlog-proof").write_text(proof_text(certificate))
        (folder / "trust.pem").write_text(trust_pem())
        (folder / "tsa_trust.pem").write_text(tsa_trust_pem())
        (folder / "log_key.txt").write_text(log_verifier_key() + "\n")
