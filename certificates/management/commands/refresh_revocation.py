"""Ask the authorities behind the seal what they say of its certificates, and keep the answers."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from certificates.revocation import evidence_at, refresh
from certificates.sealing import known_revocations, sealing_certificates
from certificates.suites import SealingError
from primitives.clock import now_utc


class Command(BaseCommand):
    help = "Fetch CRLs and OCSP answers for the seal's certificates; run it every few hours."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            certificates = sealing_certificates()
            for line in refresh(certificates, Path(settings.REVOCATION_DIR)):
                self.stdout.write(line)
            evidence_at(certificates, known_revocations(), now_utc())
        except SealingError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Every certificate behind the seal is good as of now.")
